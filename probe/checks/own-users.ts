import { isRecord } from '../../schemas/is-record.ts';
import { readTime } from '../../scim/timestamps.ts';
import {
  asSpecified,
  deviates,
  deviatesSo,
  type Finding,
  notTried,
  undetermined,
  unsupported,
} from '../check.ts';
import { probeUserName, visibilityWaitsInMs } from '../own-resources.ts';
import type { Answer } from '../probe-client.ts';
import {
  idOf,
  itemsOf,
  metaOf,
  readShownList,
  readShownResource,
  type Shown,
  statusText,
} from '../read-answer.ts';
import {
  type Made,
  patch,
  type RoleSample,
  readOwn,
  replace,
  showOwn,
  tick,
  type WriteCheck,
  type WriteContext,
} from '../write-context.ts';
import { declaresNoVersions } from './resources.ts';

/** A user of the probe: created, found, changed. */
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
  {
    key: 'patch',
    question: 'Does a PATCH change a user, and show it?',
    reference: 'RFC 7644 §3.5.2',
    run: patchUser,
  },
  {
    key: 'patch_without_path',
    question: 'Does a PATCH without a path change a user?',
    reference: 'RFC 7644 §3.5.2.3',
    async run(context) {
      const { user, canPatch } = context.made;
      if (user === undefined || canPatch !== true) return notTried(noPatch);
      const displayName = 'Rolecall probe, without a path';
      const answer = await patch(context, user, [{ op: 'replace', value: { displayName } }]);
      if (answer.status >= 300)
        return deviatesSo(
          `No: it gets ${statusText(answer)}.`,
          'Identity providers such as Okta send this form to deactivate.',
        );
      const shown = await showOwn(context, user);
      return shown?.displayName === displayName
        ? asSpecified('Yes.')
        : deviatesSo('No: nothing changes.', 'Identity providers such as Okta send this form to deactivate.');
    },
  },
  {
    key: 'patch_without_change',
    question: 'Is a PATCH accepted that changes nothing?',
    reference: 'RFC 7644 §3.5.2',
    async run(context) {
      const { user, canPatch } = context.made;
      if (user === undefined || canPatch !== true) return notTried(noPatch);
      const shown = await showOwn(context, user);
      if (typeof shown?.displayName !== 'string') return undetermined('The user shows no `displayName`.');
      const answer = await patch(context, user, [replace('displayName', shown.displayName)]);
      return answer.status < 300
        ? asSpecified('Yes.')
        : answer.status === 400
          ? deviates(`No: it gets ${statusText(answer)}.`, 'no-op-patch-rejected')
          : undetermined(`It gets ${statusText(answer)}.`);
    },
  },
  { key: 'put', question: 'Does a PUT replace a user?', reference: 'RFC 7644 §3.5.1', run: putUser },
  { key: 'if_match', question: 'Is `If-Match` honored?', reference: 'RFC 7644 §3.14', run: sendVersions },
  {
    key: 'last_modified',
    question: 'Does a change of a name or a role update `meta.lastModified`?',
    reference: 'RFC 7643 §3.1',
    run: watchStamp,
  },
];

const noUser = 'The probe has no user.';
const noPatch = 'The probe has no user that it can PATCH.';

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

function roleOf(shown: Shown, { schema, attribute }: RoleSample): unknown {
  const extension = shown[schema];
  return isRecord(extension) ? extension[attribute] : undefined;
}

function detailOf({ body }: Answer): string {
  return isRecord(body) && typeof body.detail === 'string' ? ` (${body.detail})` : '';
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
export function bodyOf(body: Shown, userName: string): Shown {
  return {
    ...body,
    userName,
    ...(body.emails !== undefined && { emails: [{ value: userName, type: 'work', primary: true }] }),
  };
}

async function patchUser(context: WriteContext): Promise<Finding> {
  const { facts, made } = context;
  if (made.user === undefined) return notTried(noUser);
  const before = await showOwn(context, made.user);
  if (before === undefined) return undetermined('The user cannot be read.');
  const displayName = 'Rolecall probe, changed';
  const answer = await patch(context, made.user, [replace('displayName', displayName)]);
  if ([404, 405, 501].includes(answer.status)) {
    made.canPatch = false;
    facts.tried.set('patch', false);
    const declared =
      facts.config === undefined
        ? undefined
        : isRecord(facts.config.patch)
          ? facts.config.patch.supported
          : undefined;
    return declared === false
      ? unsupported(`No: it gets ${statusText(answer)}, as declared.`, 'no-patch')
      : deviates(`No: it gets ${statusText(answer)}.`, 'no-patch-unannounced');
  }
  if (answer.status >= 300) return undetermined(`It gets ${statusText(answer)}${detailOf(answer)}.`);
  const after = await showOwn(context, made.user);
  made.canPatch = after?.displayName === displayName;
  facts.tried.set('patch', made.canPatch);
  if (!made.canPatch)
    return deviatesSo(
      `No: it gets ${answer.status}, and nothing changes.`,
      'Rolecall tries a PUT, or fails with `provider_fault`.',
    );
  if (answer.status === 204 || answer.body === undefined)
    return deviates('Yes, without a body.', 'patch-returns-no-content');
  const shown = readShownResource(answer) ?? {};
  if (Object.keys(shown).length === 0)
    return deviates('Yes, but it shows `{}`.', 'patch-returns-empty-object');
  if (shown.Resources !== undefined) return deviates('Yes, but it shows a list.', 'patch-returns-list');
  return shown.displayName === displayName
    ? asSpecified('Yes.')
    : deviates('Yes, but it shows the user from before the change.', 'patch-returns-stale');
}

async function sendVersions(context: WriteContext): Promise<Finding> {
  const { user, canPatch, canPut, body } = context.made;
  if (user === undefined) return notTried(noUser);
  const answer = await readOwn(context, user);
  const { version } = metaOf(readShownResource(answer) ?? {});
  const current = answer.headers.etag ?? (typeof version === 'string' ? version : undefined);
  if (current === undefined || (version === undefined && declaresNoVersions(context.facts)))
    return notTried('Users have no version.');
  if (canPatch !== true && canPut === false) return notTried(noPatch);
  const change = (displayName: string, ifMatch: string): Promise<Answer> =>
    canPatch === true
      ? patch(context, user, [replace('displayName', displayName)], ifMatch)
      : put(context, user, { ...body, displayName }, ifMatch);
  const stale = await change('Rolecall probe, stale', 'W/"rolecall-stale"');
  const fresh = (await readOwn(context, user)).headers.etag ?? current;
  const right = await change('Rolecall probe, current', stale.status < 300 ? fresh : current);
  context.facts.tried.set('versions', stale.status === 412 && right.status < 300);
  if (stale.status < 300) return deviates('No: a change with a stale version is made.', 'if-match-ignored');
  if (stale.status !== 412 && stale.status !== 409)
    return undetermined(`A stale version gets ${statusText(stale)}.`);
  return right.status < 300
    ? asSpecified('Yes.')
    : right.status === 412
      ? deviates('No: the current version gets a 412, too.', 'if-match-rejected')
      : undetermined(`The current version gets ${statusText(right)}.`);
}

/** Sends a PUT. */
function put({ client, users }: WriteContext, { id }: Made, body: Shown, ifMatch?: string): Promise<Answer> {
  return client.ask({
    method: 'PUT',
    path: `${users.endpoint}/${encodeURIComponent(id)}`,
    body: { schemas: [users.schema], ...body, id },
    ifMatch,
  });
}

async function putUser(context: WriteContext): Promise<Finding> {
  const { made, facts } = context;
  if (made.user === undefined) return notTried(noUser);
  const displayName = 'Rolecall probe, replaced';
  const answer = await put(context, made.user, { ...made.body, displayName });
  if ([404, 405, 501].includes(answer.status)) {
    made.canPut = false;
    facts.tried.set('put', false);
    return (await showOwn(context, made.user)) === undefined
      ? undetermined(`It gets ${statusText(answer)}, but the user cannot be read either.`)
      : deviates(`No: it gets ${statusText(answer)}.`, 'no-put');
  }
  const shown = await showOwn(context, made.user);
  made.canPut = answer.status < 300 && shown?.displayName === displayName;
  if (shown !== undefined) facts.tried.set('put', made.canPut);
  if (answer.status >= 300) return undetermined(`It gets ${statusText(answer)}${detailOf(answer)}.`);
  return made.canPut
    ? asSpecified('Yes.')
    : deviatesSo('No: it gets a success, and nothing changes.', 'Replace User fails with `provider_fault`.');
}

async function watchStamp(context: WriteContext): Promise<Finding> {
  const { user, role, canPatch, canPut, body } = context.made;
  if (user === undefined) return notTried(noUser);
  if (canPatch !== true && canPut !== true) return notTried('The probe cannot change its user.');
  const change = (path: string, attributes: Shown, value: string): Promise<Answer> =>
    canPatch === true
      ? patch(context, user, [replace(path, value)])
      : put(context, user, { ...body, ...attributes });
  const name = 'Rolecall probe, renamed';
  const moved = [
    await movesStamp(
      context,
      user,
      () => change('displayName', { displayName: name }, name),
      (shown) => shown.displayName === name,
    ),
    role === undefined
      ? undefined
      : await movesStamp(
          context,
          user,
          () =>
            change(
              `${role.schema}:${role.attribute}`,
              { [role.schema]: { [role.attribute]: role.values[1] } },
              role.values[1],
            ),
          (shown) => roleOf(shown, role) === role.values[1],
        ),
  ];
  if (moved.includes(false)) return deviates('No.', 'last-modified-frozen');
  return moved.includes(true)
    ? asSpecified('Yes.')
    : undetermined('No change could be seen, or there is no stamp.');
}

/** Whether a change moves the stamp; undefined if the change, or the stamp, is not shown. */
export async function movesStamp(
  context: WriteContext,
  made: Made,
  change: () => Promise<Answer>,
  isChanged: (shown: Shown) => boolean,
): Promise<boolean | undefined> {
  const before = readTime(metaOf((await showOwn(context, made)) ?? {}).lastModified);
  await tick(context);
  await change();
  const shown = await showOwn(context, made);
  const after = readTime(metaOf(shown ?? {}).lastModified);
  if (before === undefined || after === undefined || shown === undefined || !isChanged(shown))
    return undefined;
  return after > before;
}
