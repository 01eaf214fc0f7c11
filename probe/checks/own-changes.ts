import { isAboutInvitation } from '../../connector/http/error-from-response.ts';
import { isRecord } from '../../schemas/is-record.ts';
import {
  asSpecified,
  deviates,
  deviatesSo,
  type Finding,
  notTried,
  undetermined,
  unsupported,
} from '../check.ts';
import type { Answer } from '../probe-client.ts';
import { detailOf, metaOf, readShownResource, type Shown, statusText } from '../read-answer.ts';
import {
  type Made,
  movesStamp,
  patch,
  readOwn,
  replace,
  roleOf,
  showOwn,
  type WriteCheck,
  type WriteContext,
} from '../write-context.ts';
import { declaresNoVersions } from './resources.ts';

/** Changes of a user of the probe: by PATCH and PUT, with versions and stamps. */
export const ownChangeChecks: readonly WriteCheck[] = [
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
  if (answer.status >= 300) return rejectedChange(answer);
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

function rejectedChange(answer: Answer): Finding {
  const detail = detailOf(answer);
  return isAboutInvitation(detail)
    ? deviates(
        `No: it gets ${statusText(answer)} until the user has accepted the invitation.`,
        'invitation-pending',
      )
    : undetermined(`It gets ${statusText(answer)}${detail}.`);
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
  if (isAboutInvitation(detailOf(answer))) return rejectedChange(answer);
  const shown = await showOwn(context, made.user);
  made.canPut = answer.status < 300 && shown?.displayName === displayName;
  if (shown !== undefined) facts.tried.set('put', made.canPut);
  if (answer.status >= 300) return rejectedChange(answer);
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
