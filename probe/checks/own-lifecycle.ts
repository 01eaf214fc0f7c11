import { resourcePath } from '../../connector/provider/resource-path.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { messages } from '../../scim/messages.ts';
import {
  asSpecified,
  deviates,
  deviatesSo,
  type Finding,
  notTried,
  undetermined,
  unsupported,
} from '../check.ts';
import { type Created, probeUserName } from '../own-resources.ts';
import type { Answer } from '../probe-client.ts';
import { itemsOf, type Shown, statusText } from '../read-answer.ts';
import {
  type Made,
  patch,
  readOwn,
  replace,
  showOwn,
  tick,
  type WriteCheck,
  type WriteContext,
} from '../write-context.ts';
import { bodyOf } from './own-users.ts';
import { unknownId } from './resources.ts';
import { readDeclared } from './service.ts';

/** Bulk requests, and the end of a user of the probe. */
export const ownLifecycleChecks: readonly WriteCheck[] = [
  {
    key: 'bulk',
    question: 'Does a bulk request run all its operations?',
    reference: 'RFC 7644 §3.7',
    run: sendBulk,
  },
  {
    key: 'deactivate',
    question: 'Does `active: false` deactivate a user?',
    reference: 'RFC 7643 §4.1.1',
    run: deactivate,
  },
  {
    key: 'reactivate',
    question: 'Does `active: true` activate the user again?',
    reference: 'RFC 7643 §4.1.1',
    async run(context) {
      const { other } = context.made;
      if (other === undefined || context.facts.tried.get('deactivate') !== true)
        return notTried('The probe has no inactive user.');
      const answer = await setActive(context, other, true);
      const shown = await showOwn(context, other);
      return answer.status < 300 && isActive(shown) === true
        ? asSpecified('Yes.')
        : deviatesSo(`No: it gets ${statusText(answer)}.`, 'Reactivate User does not work.');
    },
  },
  { key: 'delete', question: 'Does a DELETE remove a user?', reference: 'RFC 7644 §3.6', run: deleteUser },
  {
    key: 'delete_again',
    question: 'What does a DELETE of a deleted user get?',
    reference: 'RFC 7644 §3.6',
    async run({ client, users, made }) {
      if (made.other === undefined || made.isOtherGone !== true) return notTried('No user was deleted.');
      const answer = await client.ask({ method: 'DELETE', path: resourcePath(users, made.other.id) });
      return answer.status === 500
        ? deviates('A 500.', 'delete-gone-500')
        : answer.status === 404
          ? asSpecified('A 404.')
          : deviatesSo(`${statusText(answer)}.`, 'Delete User cannot tell whether the user was there.');
    },
  },
  {
    key: 'create_again',
    question: 'Can a deleted user be created again?',
    reference: 'RFC 7644 §3.6',
    run: createAgain,
  },
];

async function sendBulk(context: WriteContext): Promise<Finding> {
  const { client, users, made, facts } = context;
  const { user, canPatch, canPut, body } = made;
  if (user === undefined) return notTried('The probe has no user.');
  const declared = facts.config === undefined ? undefined : readDeclared(facts.config).bulk;
  const path = resourcePath(users, user.id);
  const rename = (displayName: string): Shown =>
    canPatch === true
      ? {
          method: 'PATCH',
          path,
          data: { schemas: [messages.patchOp], Operations: [replace('displayName', displayName)] },
        }
      : { method: 'PUT', path, data: { schemas: [users.schema], ...body, displayName } };
  if (canPatch !== true && canPut !== true) return notTried('The probe cannot change its user.');
  const operations = [
    rename('Rolecall probe, first'),
    { method: 'DELETE', path: resourcePath(users, unknownId(context)) },
    rename('Rolecall probe, last'),
  ];
  const answer = await client.ask({
    method: 'POST',
    path: '/Bulk',
    body: { schemas: [messages.bulkRequest], Operations: operations },
  });
  if ([404, 405, 501].includes(answer.status)) {
    facts.tried.set('bulk', false);
    return declared === true
      ? deviatesSo(`No: it gets ${statusText(answer)}, although it is declared.`, 'Bulk actions fail.')
      : unsupported(`No: it gets ${statusText(answer)}.`, 'no-bulk');
  }
  const results = isRecord(answer.body) ? itemsOf(answer.body.Operations).filter(isRecord) : [];
  facts.tried.set('bulk', answer.status < 300 && results.length > 0);
  if (answer.status >= 300 || results.length === 0) return undetermined(`It gets ${statusText(answer)}.`);
  const deviations = [
    results.length < operations.length
      ? (['It ends at the first error.', 'bulk-stops-at-first-error'] as const)
      : undefined,
    results.some(({ status }) => isRecord(status))
      ? (['Each `status` is an object.', 'bulk-statuses-as-objects'] as const)
      : undefined,
  ].filter((one) => one !== undefined);
  return deviations.length === 0
    ? asSpecified('Yes.')
    : deviates(deviations.map(([found]) => found).join(' '), ...deviations.map(([, trait]) => trait));
}

function setActive(context: WriteContext, user: Made, active: boolean): Promise<Answer> {
  const { client, users, made } = context;
  if (made.canPatch === true) return patch(context, user, [replace('active', active)]);
  const body = {
    schemas: [users.schema],
    ...bodyOf(made.body ?? {}, user.name),
    externalId: user.name,
    active,
  };
  return client.ask({ method: 'PUT', path: resourcePath(users, user.id), body });
}

async function deactivate(context: WriteContext): Promise<Finding> {
  const { facts, made, own, users } = context;
  const { other, canPatch, canPut, isOtherListed } = made;
  if (other === undefined) return notTried('The probe has no second user.');
  if (canPatch !== true && canPut !== true) return notTried('The probe cannot change its user.');
  const before = await showOwn(context, other);
  if (before === undefined) return undetermined('The user cannot be read.');
  const answer = await setActive(context, other, false);
  if (answer.status >= 300) {
    facts.tried.set('deactivate', false);
    return deviatesSo(`No: it gets ${statusText(answer)}.`, 'Deactivate User does not work.');
  }
  const read = await readOwn(context, other);
  if (
    read.status === 404 ||
    (read.status === 500 && (await own.findListed(users, other.name)) === undefined)
  ) {
    facts.tried.set('deactivate', false);
    made.isOtherGone = true;
    own.forget(other.id);
    return deviates('No: it deletes the user.', 'deactivate-deletes');
  }
  const shown = isRecord(read.body) ? read.body : {};
  const isOmitted = before.active !== undefined && shown.active === undefined;
  if (isActive(shown) === true) {
    facts.tried.set('deactivate', false);
    return deviates('No: it gets a success, and the user stays active.', 'deactivate-ignored');
  }
  facts.tried.set('deactivate', isActive(shown) === false || isOmitted);
  const isUnlisted = isOtherListed === true && !(await isListedSoon(context, other));
  const deviations = [
    isOmitted
      ? (['Yes, but the user is then shown without `active`.', 'active-omitted-when-false'] as const)
      : undefined,
    isUnlisted ? (['Lists then omit the user.', 'inactive-users-unlisted'] as const) : undefined,
  ].filter((one) => one !== undefined);
  if (deviations.length > 0)
    return deviates(deviations.map(([found]) => found).join(' '), ...deviations.map(([, trait]) => trait));
  return isActive(shown) === false ? asSpecified('Yes.') : undetermined('The user shows no `active`.');
}

async function isListedSoon(context: WriteContext, { name }: Made): Promise<boolean> {
  for (let look = 0; look < 2; look += 1) {
    if (look > 0) await tick(context);
    if ((await context.own.findListed(context.users, name)) !== undefined) return true;
  }
  return false;
}

function isActive(shown: Shown | undefined): boolean | undefined {
  const active = shown?.active;
  if (typeof active === 'boolean') return active;
  return typeof active === 'string' ? active.toLowerCase() === 'true' : undefined;
}

async function deleteUser(context: WriteContext): Promise<Finding> {
  const { client, users, made, facts, own } = context;
  if (made.other === undefined) return notTried('The probe has no second user.');
  const before = await readOwn(context, made.other);
  const answer = await client.ask({ method: 'DELETE', path: resourcePath(users, made.other.id) });
  const after = await readOwn(context, made.other);
  const isGone = after.status === 404 || (after.status === 500 && before.status < 300);
  if (made.isOtherGone === true) return notTried('The user is gone already.');
  if (before.status >= 300) return undetermined('The user cannot be read.');
  made.isOtherGone = isGone && answer.status < 300;
  facts.tried.set('delete', made.isOtherGone);
  if (made.isOtherGone) own.forget(made.other.id);
  if (made.isOtherGone) return asSpecified(`Yes: a GET then gets ${after.status}.`);
  return deviatesSo(
    `It gets ${statusText(answer)}, and a GET then ${statusText(after)}.`,
    'Delete User fails with `provider_fault`.',
  );
}

/** Creates the deleted user again; if that is rejected, finds out which attribute is still taken. */
async function createAgain(context: WriteContext): Promise<Finding> {
  const { own, users, made } = context;
  const { other, body, isOtherGone } = made;
  if (other === undefined || body === undefined || isOtherGone !== true)
    return notTried('No user was deleted.');
  const create = (userName: string, email: string): Promise<Created> =>
    own.create(users, userName, { ...bodyOf(body, userName, email), externalId: `${own.stem}-c` });
  const again = await create(other.name, other.name);
  if (again.own?.id !== undefined)
    return again.own.id === other.id
      ? deviates('Yes, with the ID of the deleted user.', 'ids-reused')
      : asSpecified('Yes, with another ID.');
  const found = `No: it gets ${statusText(again.answer)}.`;
  const newName = probeUserName(own.stem, 'd');
  if (body.emails !== undefined && (await create(other.name, newName)).answer.status < 300)
    return deviatesSo(
      `${found} With another email, it is accepted.`,
      'A deleted user cannot be created again with the same email; deactivate users instead.',
    );
  const control = await create(newName, newName);
  return control.answer.status < 300
    ? deviates(found, 'deleted-names-stay-taken')
    : undetermined(`It gets ${statusText(again.answer)}, and so does another user.`);
}
