import { asSpecified, deviates, deviatesSo, type Finding, notTried, undetermined } from '../check.ts';
import { probeUserName, visibilityWaitsInMs } from '../own-resources.ts';
import type { Answer } from '../probe-client.ts';
import {
  detailOf,
  idOf,
  itemsOf,
  readShownList,
  readShownResource,
  type Shown,
  statusText,
} from '../read-answer.ts';
import {
  type Made,
  type RoleSample,
  readOwn,
  roleOf,
  showOwn,
  type WriteCheck,
  type WriteContext,
} from '../write-context.ts';

/** A user of the probe: created, and found. */
export const ownUserChecks: readonly WriteCheck[] = [
  {
    key: 'create',
    question: 'Does a create return the new user?',
    reference: 'RFC 7644 §3.3',
    run: createUser,
  },
  {
    key: 'emails_kept',
    question: 'Are the emails of a new user kept?',
    reference: 'RFC 7643 §4.1.2',
    async run(context) {
      const { user, body } = context.made;
      if (user === undefined || body === undefined) return notTried(noUser);
      if (body.emails === undefined) return notTried('The user was created without emails.');
      const shown = await showOwn(context, user);
      if (shown === undefined) return undetermined('The user cannot be read.');
      return itemsOf(shown.emails).length === 0
        ? deviates('No: the user is shown without emails.', 'emails-not-kept')
        : asSpecified('Yes.');
    },
  },
  {
    key: 'roles_shown',
    question: 'Is the role of a new user shown?',
    reference: 'RFC 7643 §3.3',
    async run(context) {
      const { user, role } = context.made;
      if (user === undefined) return notTried(noUser);
      if (role === undefined)
        return notTried('The provider declares no schema with roles, or takes none of the roles.');
      const shown = await showOwn(context, user);
      if (shown === undefined) return undetermined('The user cannot be read.');
      return roleOf(shown, role) === undefined
        ? deviates('No: the user is shown without the extension.', 'roles-hidden')
        : asSpecified('Yes.');
    },
  },
  {
    key: 'visible',
    question: 'Do lists show a new user at once?',
    reference: 'RFC 7644 §3.4.2',
    run: waitUntilListed,
  },
  {
    key: 'duplicate',
    question: 'What does a create with a username that is taken get?',
    reference: 'RFC 7644 §3.3',
    async run(context) {
      const { made, own, users } = context;
      if (made.user === undefined) return notTried(noUser);
      const { answer } = await own.create(users, made.user.name, {
        ...made.body,
        externalId: `${own.stem}-x`,
      });
      if (answer.status === 409) return asSpecified('A 409.');
      return answer.status < 300
        ? deviatesSo('A second user with the same username.', 'A lookup by username can find several users.')
        : answer.status === 400
          ? deviates(`${statusText(answer)}.`, 'conflict-400')
          : deviatesSo(`${statusText(answer)}.`, 'Rolecall reports another error than a conflict.');
    },
  },
  {
    key: 'external_id',
    question: 'Can two users have the same `externalId`?',
    reference: 'RFC 7643 §3.1',
    run: createOtherUser,
  },
];

const noUser = 'The probe has no user.';

/** Creates a user: with everything, then without what providers tend to reject. */
async function createUser(context: WriteContext): Promise<Finding> {
  const { own, users, made, facts } = context;
  const userName = probeUserName(own.stem, 'a');
  const refused: string[] = [];
  for (const { body, role } of bodiesOf(context, userName)) {
    const { answer, own: created } = await own.create(users, userName, body);
    if (created === undefined) {
      refused.push(`${statusText(answer)}${detailOf(answer)}`);
      continue;
    }
    facts.tried.set('create', answer.status < 300);
    if (created.id === undefined)
      return undetermined(`It gets ${statusText(answer)}, and the user cannot be found afterwards.`);
    made.user = { ...created, id: created.id };
    made.body = body;
    if (role !== undefined) made.role = role;
    return describeCreate(context, made.user, answer);
  }
  facts.tried.set('create', false);
  return deviatesSo(`No user can be created: ${refused.join('; ')}.`, 'Create User needs other attributes.');
}

async function describeCreate(context: WriteContext, user: Made, answer: Answer): Promise<Finding> {
  const shown = readShownResource(answer);
  const read = await readOwn(context, user);
  if (read.status === 404 && (await isDirectoryEmpty(context)))
    return deviates('Yes, but neither lists nor a GET by ID show anybody.', 'directory-empty');
  if (shown === undefined || Object.keys(shown).length === 0)
    return answer.headers.location === undefined
      ? deviatesSo(
          `It gets ${answer.status} without a body and a \`Location\`.`,
          'Rolecall looks the user up.',
        )
      : deviates(
          `It gets ${answer.status} without the user, and a \`Location\`.`,
          'create-returns-empty-object',
        );
  if (idOf(shown) === undefined)
    return answer.headers.location === undefined
      ? deviates('The user is shown without an ID.', 'create-returns-no-id')
      : deviatesSo('The user is shown without an ID.', 'Rolecall takes the ID from `Location`.');
  return read.status < 300
    ? asSpecified(`Yes, with ${answer.status}.`)
    : deviatesSo(`Yes, but a GET by ID gets ${statusText(read)}.`, 'Actions that read a new user fail.');
}

/** Whether a provider with a user shows no user in lists either. */
async function isDirectoryEmpty({ client, users, facts }: WriteContext): Promise<boolean> {
  const list = readShownList(await client.ask({ path: users.endpoint, query: facts.listQuery }));
  return list !== undefined && list.entries.length === 0;
}

function bodiesOf(
  context: WriteContext,
  userName: string,
): readonly { readonly body: Shown; readonly role?: RoleSample }[] {
  const least = { userName };
  const usual = {
    userName,
    externalId: context.own.stem,
    name: { givenName: 'Rolecall', familyName: 'Probe', formatted: 'Rolecall Probe' },
    displayName: 'Rolecall Probe',
    emails: [{ value: userName, type: 'work', primary: true }],
    active: true,
  };
  const role = roleSampleOf(context);
  const withRole =
    role === undefined
      ? []
      : [
          {
            body: {
              ...usual,
              schemas: [context.users.schema, role.schema],
              [role.schema]: { [role.attribute]: role.values[0] },
            },
            role,
          },
        ];
  const { externalId: _, ...withoutExternalId } = usual;
  return [...withRole, { body: usual }, { body: withoutExternalId }, { body: least }];
}

/** The roles to try: the samples of the manifest, the last one first, if the provider declares their schema. */
function roleSampleOf({ users, facts }: WriteContext): RoleSample | undefined {
  const samples = users.fields.flatMap(({ attribute, sample }) =>
    attribute !== undefined && users.roles.includes(attribute) && typeof sample === 'string'
      ? [{ attribute, sample }]
      : [],
  );
  const [last, before] = samples.reverse();
  if (last === undefined || before === undefined) return undefined;
  const at = last.attribute.lastIndexOf(':');
  const schema = last.attribute.slice(0, at);
  return facts.userSchemas?.has(schema) === true
    ? { schema, attribute: last.attribute.slice(at + 1), values: [last.sample, before.sample] }
    : undefined;
}

async function waitUntilListed(context: WriteContext): Promise<Finding> {
  const { made, own, platform, users } = context;
  if (made.user === undefined) return notTried(noUser);
  let waitedInMs = 0;
  for (const waitInMs of visibilityWaitsInMs) {
    if (waitInMs > 0) await platform.sleep(waitInMs);
    waitedInMs += waitInMs;
    if ((await own.findListed(users, made.user.name)) === undefined) continue;
    // A request that looked for the new user can have taken the time.
    return waitedInMs === 0
      ? asSpecified('Yes.')
      : deviates(`No, only after ${waitedInMs / 1000} seconds.`, 'late-visibility');
  }
  return undetermined(`No list showed the user within ${waitedInMs / 1000} seconds.`);
}

async function createOtherUser(context: WriteContext): Promise<Finding> {
  const { made, own, users } = context;
  if (made.user === undefined || made.body === undefined) return notTried(noUser);
  const { externalId } = made.body;
  const userName = probeUserName(own.stem, 'b');
  const body = bodyOf(made.body, userName);
  const same = await own.create(users, userName, {
    ...body,
    ...(externalId !== undefined && { externalId }),
  });
  const other =
    same.own === undefined && externalId !== undefined
      ? await own.create(users, userName, { ...body, externalId: `${String(externalId)}-b` })
      : same;
  if (other.own?.id === undefined)
    return undetermined(`A second user cannot be created: ${statusText(other.answer)}.`);
  made.other = { ...other.own, id: other.own.id };
  made.isOtherListed = (await own.findListed(users, userName)) !== undefined;
  if (externalId === undefined) return notTried('The user was created without `externalId`.');
  return other === same
    ? asSpecified('Yes.')
    : deviates(`No: the second one gets ${statusText(same.answer)}.`, 'external-id-unique');
}

/** The body of another user, which differs in what may have to be unique. */
export function bodyOf(body: Shown, userName: string, email = userName): Shown {
  return {
    ...body,
    userName,
    ...(body.emails !== undefined && { emails: [{ value: email, type: 'work', primary: true }] }),
  };
}
