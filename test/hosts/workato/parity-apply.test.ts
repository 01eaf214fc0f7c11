import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '../../../runtime/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { type Outcome, type Run, runBoth, type Story } from './run-both.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

type Values = Readonly<Record<string, unknown>>;

let ruby: RubyConnector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
afterAll(() => ruby.close());

const owned = { ownedBy: 'externalId:hr-', safetyLimit: 50 };

/** Runs a story on both sides, and returns what both came to. */
async function sameOnBoth(story: Story): Promise<readonly Outcome[]> {
  const { node, ruby: other } = await runBoth(story, { ruby, definition, isForgetful: true });
  const [expected, actual] = [withoutHashes(node), withoutHashes(other)];
  expect(actual).toEqual(expected);
  return expected;
}

/** The IDs of plans and holds are hashes of what differs from run to run. */
function withoutHashes(outcomes: readonly Outcome[]): readonly Outcome[] {
  const text = JSON.stringify(outcomes, (name, value) => (name === 'plan' ? undefined : value));
  return JSON.parse(text.replace(/(plan|hold)-[0-9a-f]{16}/g, '$1-hash'));
}

const textOf = (outcome: Outcome): string => ('output' in outcome ? Object(outcome.output).plan : '');
const countsOf = (outcome: Outcome | undefined): unknown =>
  outcome !== undefined && 'output' in outcome ? Object(outcome.output).counts : outcome;

async function planAndApply(run: Run, input: Values, more: Values = {}): Promise<void> {
  const plan = textOf(await run('plan_sync', input));
  await run('apply_sync', { plan, ...more });
}

/** Three owned users, one who is not, and two groups. */
async function populate({ actions }: Connector): Promise<void> {
  const ids: string[] = [];
  for (const name of ['ada', 'bob', 'cid']) {
    const { id } = await actions.create_user({
      userName: `${name}@example.com`,
      externalId: `hr-${name}`,
      title: 'Analyst',
      department: 'Research',
    });
    ids.push(id);
  }
  await actions.create_user({ userName: 'zoe@example.com', active: false });
  await actions.create_group({ displayName: 'Analysts', members: ids.map((value) => ({ value })) });
  await actions.create_group({ displayName: 'Builders' });
}

const row = (name: string, values: Values = {}): Values => ({
  userName: `${name}@example.com`,
  externalId: `hr-${name}`,
  ...values,
});

describe('a plan that is applied', () => {
  it('comes to the same on Node and on Ruby, and is empty the second time', async () => {
    const users = [
      row('ada', { title: 'Director', department: null, groups: ['Builders'], emails: 'ada@work.com' }),
      row('bob', { active: false }),
      row('dora', { groups: 'Analysts;Cooks', manager: 'ada@example.com', workato_role: 'Admin' }),
      row('eve', { manager: 'dora@example.com', 'name.givenName': 'Eve' }),
      { userName: 'ZOE@example.com', externalId: 'hr-zoe' },
    ];
    const input = { ...owned, users, createGroups: true };
    const outcomes = await sameOnBoth(async (run, world) => {
      await populate(world);
      await planAndApply(run, input);
      await run('search_users', {});
      for (const displayName of ['Analysts', 'Builders', 'Cooks'])
        await run('get_group', { group: { displayName } });
      await planAndApply(run, input);
    });
    expect(countsOf(outcomes[1])).toMatchObject({ changed: 12, refused: 0, failed: 0 });
    expect(countsOf(outcomes.at(-1))).toMatchObject({ changed: 0, unchanged: 0 });
  });

  it('refuses exactly the users who have changed since, and makes each change once when it runs again', async () => {
    const users = [
      row('ada', { title: 'Director' }),
      row('bob', { title: 'Director' }),
      row('cid', { groups: ['Builders'] }),
      row('dora'),
    ];
    const outcomes = await sameOnBoth(async (run, world) => {
      await populate(world);
      const plan = textOf(await run('plan_sync', { ...owned, users }));
      await world.actions.update_user({ user: { userName: 'bob@example.com' }, title: 'Countess' });
      await run('apply_sync', { plan });
      await run('apply_sync', { plan });
      await world.actions.delete_user({ user: { userName: 'ada@example.com' } });
      await run('apply_sync', { plan });
      await run('search_users', {});
    });
    const refusal = JSON.stringify(outcomes[1]);
    expect(refusal).toContain('title was \\"Analyst\\" and is now \\"Countess\\". Plan again.');
    expect(countsOf(outcomes[1])).toMatchObject({ changed: 3, refused: 1 });
    // A user whom an earlier run has created is recognized.
    expect(countsOf(outcomes[2])).toMatchObject({ refused: 1, failed: 0 });
    expect(countsOf(outcomes[3])).toMatchObject({ refused: 2, failed: 0 });
  });

  it('claims no user who was created after the plan was made', async () => {
    const outcomes = await sameOnBoth(async (run, world) => {
      await populate(world);
      const users = [row('dora', { title: 'Director' }), row('eve', { title: 'Director' })];
      const plan = textOf(await run('plan_sync', { users }));
      await world.actions.create_user({
        userName: 'dora@example.com',
        externalId: 'hr-dora',
        title: 'Countess',
      });
      await world.actions.create_user({
        userName: 'eve@example.com',
        externalId: 'hr-eve',
        title: 'Director',
      });
      await run('apply_sync', { plan });
    });
    expect(outcomes[1]).toMatchObject({
      output: {
        counts: { changed: 0, unchanged: 1, refused: 1 },
        results: [
          {
            outcome: 'refused',
            message:
              'dora@example.com was created after the plan was made, and is not as planned: title. Plan again.',
            differences: [{ path: 'title', from: null, to: 'Countess' }],
          },
          { outcome: 'unchanged', message: 'It is there already, as planned.' },
        ],
      },
    });
  });

  it('fails with the number and the names of held changes, after it has made the others', async () => {
    const outcomes = await sameOnBoth(async (run, world) => {
      await populate(world);
      const input = {
        ownedBy: 'externalId:hr-',
        users: [row('ada', { title: 'Director' })],
        safetyLimit: 0,
      };
      const planned = await run('plan_sync', input);
      const plan = textOf(planned);
      const [hold] = 'output' in planned ? Object(planned.output).holds : [];
      await run('apply_sync', { plan });
      await run('apply_sync', { plan, whenHeld: 'report' });
      await run('apply_sync', { plan, approve: ['hold-0000000000000000'] });
      await run('apply_sync', { plan, approve: [hold.id] });
      await run('search_users', {});
    });
    expect(outcomes[1]).toMatchObject({
      code: 'mass_change_blocked',
      message: expect.stringContaining('bob@example.com'),
    });
    expect(countsOf(outcomes[4])).toMatchObject({ held: 0 });
  });

  it('is refused if it is no plan, was edited, or is for another provider', async () => {
    await sameOnBoth(async (run, world) => {
      await populate(world);
      const plan = textOf(await run('plan_sync', { ...owned, users: [row('ada', { title: 'x' })] }));
      for (const text of [
        '',
        '{',
        '[]',
        '{}',
        plan.replace('"x"', '"y"'),
        plan.replace('"version":1', '"version":2'),
      ])
        await run('apply_sync', { plan: text });
      await run('apply_sync', { plan: '{"version":1,"id":"x","changes":[],"holds":[]}' });
    });
  });
});

/** Who exists, and what the sheet says of whom. */
const person = fc.record({
  exists: fc.boolean(),
  isOwned: fc.boolean(),
  isActive: fc.boolean(),
  title: fc.constantFrom(null, 'a', 'b'),
  isDesired: fc.boolean(),
  newName: fc.constantFrom(undefined, 'x', 'y'),
  newTitle: fc.constantFrom(undefined, null, 'a', 'b'),
  groups: fc.subarray(['Analysts', 'Builders', 'Cooks']),
  newGroups: fc.option(fc.subarray(['Analysts', 'Builders', 'Cooks']), { nil: undefined }),
  isChanged: fc.boolean(),
});

it('has the same result for any directory and any sheet, whatever changes meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(person, { maxLength: 5 }), fc.boolean(), async (people, createGroups) => {
      await sameOnBoth(async (run, { actions }) => {
        const members = new Map<string, { value: string }[]>([
          ['Analysts', []],
          ['Builders', []],
        ]);
        for (const [at, one] of people.entries()) {
          if (!one.exists) continue;
          const { id } = await actions.create_user({
            userName: `person-${at}@example.com`,
            active: one.isActive,
            ...(one.isOwned && { externalId: `hr-${at}` }),
            ...(one.title !== null && { title: one.title }),
          });
          for (const name of one.groups) members.get(name)?.push({ value: id });
        }
        for (const [displayName, ids] of members) await actions.create_group({ displayName, members: ids });
        const users = people.flatMap((one, at) =>
          one.isDesired
            ? [
                {
                  userName: `${one.newName ?? `person-${at}`}@example.com`,
                  externalId: `hr-${at}`,
                  ...(one.newTitle !== undefined && { title: one.newTitle }),
                  ...(one.newGroups !== undefined && { groups: one.newGroups }),
                },
              ]
            : [],
        );
        const planned = await run('plan_sync', { users, ...owned, createGroups });
        for (const [at, { exists, isChanged }] of people.entries())
          if (exists && isChanged)
            await actions.update_user({ user: { userName: `person-${at}@example.com` }, title: 'c' });
        const approve =
          'output' in planned ? Object(planned.output).holds.map((hold: { id: string }) => hold.id) : [];
        await run('apply_sync', { plan: textOf(planned), approve });
        await run('search_users', {});
        await run('search_groups', {});
        await planAndApply(run, { users, ...owned }, { whenHeld: 'report' });
      });
    }),
    { numRuns: Number(process.env.APPLIES ?? 12) },
  );
});
