import type { Auth } from '../../connector/generated/types.ts';
import { withFieldNames } from '../../hosts/workato/field-names.ts';
import { type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import { acceptInvitation } from '../support/accept-invitation.ts';
import { masked } from '../support/masked.ts';
import { recordRequests } from '../support/record-requests.ts';

/** The output of one step, or its error. */
export type Outcome = { readonly output: unknown } | { readonly code: string; readonly message: string };

/** The steps of a story: actions, and polls with the cursor of the last one. */
export interface Steps {
  run(key: string, input: Readonly<Record<string, unknown>>): Promise<Outcome>;
  poll(key: string, input?: object): Promise<Outcome>;
  /** Accepts the invitation of a user, if one is pending. */
  accept(userName: string): Promise<void>;
}

/** A connection, with a connection of its own for each step, so that nothing is known of the provider but its profile. */
export type Side = (
  connection: { readonly baseUrl: string; readonly auth: Auth },
  profile: unknown,
) => Omit<Steps, 'accept'>;

type Story = (steps: Steps) => Promise<void>;

/** The outcomes of the steps of a story, and the requests that it took. */
export interface StoryResult {
  readonly outcomes: readonly object[];
  readonly requests: unknown;
}

/** Everything that a trait can preset: lists, lookups, members, versions, bulk requests, and polls. */
export const allPresets: Story = async ({ run, poll }) => {
  const idOf = (outcome: Outcome): string =>
    'output' in outcome ? String((outcome.output as { readonly id?: unknown } | null)?.id) : 'none';
  const ada = { userName: 'ada@example.com', externalId: 'e-ada', workato_role: 'Operator' };
  const emails = [{ value: 'ada@example.com', type: 'work', primary: true }];
  const user = { id: idOf(await run('create_user', { ...ada, emails })) };
  const others = [idOf(await run('create_user', { userName: 'bob@example.com' }))];
  others.push(idOf(await run('create_user', { userName: 'eve@example.com' })));
  const members = others.map((value) => ({ value }));
  const group = { id: idOf(await run('create_group', { displayName: 'Crew', members })) };
  await poll('user_updated', { pageSize: 500 });
  await poll('group_membership_changed');
  await run('find_user', { user: { email: 'ada@example.com' } });
  await run('find_user', { user: { externalId: 'e-ada' } });
  await run('set_workato_role', { user: { userName: 'ada@example.com' }, role: 'Admin' });
  await run('add_group_members', { group, members: [user, ...others.map((id) => ({ id }))] });
  await run('remove_group_members', { group, members: others.map((id) => ({ id })) });
  await run('update_group', { group, members });
  await run('bulk_users', { rows: [{ ...ada, title: 'Countess' }, { userName: 'bob@example.com' }] });
  await run('search_users', { pageSize: 1_000, limit: 1_000 });
  await poll('user_updated', { pageSize: 500 });
  await poll('group_membership_changed');
};

/** What a connection is for. */
export const everydayWork: Story = async ({ run, poll, accept }) => {
  await poll('user_deprovisioned');
  await run('create_user', { userName: 'ada@example.com', emails: [{ value: 'ada@example.com' }] });
  await accept('ada@example.com');
  await run('create_user', { userName: 'bob@example.com' });
  const user = { userName: 'ada@example.com' };
  await run('find_user', { user: { email: 'ada@example.com' } });
  await run('update_user', { user, displayName: 'Ada' });
  await run('create_group', { displayName: 'Crew' });
  await run('add_group_members', {
    group: { displayName: 'Crew' },
    members: [user, { userName: 'bob@example.com' }],
  });
  await run('search_users', {});
  await poll('user_deprovisioned');
  await run('deactivate_user', { user });
  await poll('user_deprovisioned');
};

/** Runs a story against a provider of its own. */
export async function runStory(
  story: Story,
  side: Side,
  options: SandboxOptions,
  profile?: unknown,
): Promise<StoryResult> {
  const sandbox = await startSandbox(options);
  const provider = await recordRequests(sandbox.scimBaseUrl);
  const outcomes: Outcome[] = [];
  const noted = async (step: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await step;
    outcomes.push(outcome);
    return outcome;
  };
  try {
    const { run, poll } = side({ baseUrl: provider.baseUrl, auth: sandbox.auth as Auth }, profile);
    await story({
      run: (...given) => noted(run(...given)),
      poll: (...given) => noted(poll(...given)),
      accept: (userName) => acceptInvitation(sandbox, userName),
    });
    const named = withFieldNames(outcomes.map(inNameOrder));
    return { outcomes: masked(named) as readonly object[], requests: provider.requests() };
  } finally {
    await provider.close();
    await sandbox.close();
  }
}

/** Some providers have no order of their own, and IDs differ from run to run. */
function inNameOrder(outcome: Outcome): Outcome {
  if (!('output' in outcome) || !isList(outcome.output)) return outcome;
  const resources = outcome.output.resources.toSorted((one, other) =>
    one.userName < other.userName ? -1 : 1,
  );
  return { output: { ...outcome.output, resources } };
}

function isList(output: unknown): output is { readonly resources: readonly { readonly userName: string }[] } {
  return typeof output === 'object' && output !== null && 'resources' in output;
}

/** What two sides must agree on of the events of a poll. */
export function namesOf(events: readonly object[]): readonly object[] {
  return (events as readonly { readonly type: string; readonly subject: object }[]).map(
    ({ type, subject }) => ({ type, ...subject }),
  );
}
