import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import type { Reference } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import { fill } from '../schemas/fill.ts';
import { formatValue } from '../scim/filter/format-filter.ts';
import { messages } from '../scim/messages.ts';
import type { PatchOperation } from '../scim/patch/build-operations.ts';
import { findTarget, findTargetOrNone } from './look-up.ts';
import {
  type ActionContext,
  type ActionOf,
  type Input,
  type OperationHandler,
  resourceOf,
} from './operation.ts';

/** PATCH of a group's members, in chunks. Everybody is found before anything is changed. */
export const members: OperationHandler<'members'> = {
  type: 'members',
  async run(context, action, input) {
    const { change, chunkSize } = action.operation;
    const definition = resourceOf(context, action);
    const group = await findTarget(context, definition, input);
    const ids = await findMembers(context, action, input);
    let requests = 0;
    for (let start = 0; start < ids.length; start += chunkSize) {
      const body = {
        schemas: [messages.patchOp],
        Operations: operationsFor(change, ids.slice(start, start + chunkSize)),
      };
      // Membership is a set: adding who is in it, or removing who is not, changes nothing, so this may be repeated.
      const request = {
        method: 'PATCH',
        path: resourcePath(definition, group.id),
        body,
        idempotent: true,
        signal: context.signal,
      } as const;
      await context.client.send(request).catch((error: unknown) => {
        throw start === 0 ? error : halfDone(error, start, ids.length);
      });
      requests += 1;
      context.onProgress?.({ done: Math.min(start + chunkSize, ids.length), total: ids.length });
    }
    return { id: group.id, members: ids.map((value) => ({ value })), requests };
  },
};

function operationsFor(change: 'add' | 'remove', ids: readonly string[]): readonly PatchOperation[] {
  if (change === 'add') return [{ op: 'add', path: 'members', value: ids.map((value) => ({ value })) }];
  // RFC 7644 §3.5.2.2: a "remove" of bare `members` would empty the group, so each one is named in the path.
  return ids.map((id) => ({ op: 'remove', path: `members[value eq ${formatValue(id)}]` }));
}

async function findMembers(
  context: ActionContext,
  action: ActionOf<'members'>,
  input: Input,
): Promise<readonly string[]> {
  const field = action.fields.find(({ kind }) => kind === 'references');
  const definition = context.definition.resources[field?.resource ?? ''];
  if (field === undefined || definition === undefined)
    throw new TypeError(`${action.key} has no field of references`);
  const references = input[field.key] as readonly Reference[];
  const targets = await mapConcurrently(references, context.client.connection.concurrency, (reference) =>
    findTargetOrNone(context, definition, reference),
  );
  const missing = references.filter((_, index) => targets[index] === undefined);
  if (missing.length > 0) throw membersNotFound(definition, missing);
  return [...new Set(targets.flatMap((target) => target?.id ?? []))];
}

function membersNotFound({ title }: ResourceDefinition, missing: readonly Reference[]): ConnectorError {
  const names = missing.slice(0, 10).map((reference) =>
    Object.entries(reference)
      .map(([way, value]) => `${way} "${value}"`)
      .join(),
  );
  const inAll = missing.length > names.length ? fill(errorParts.inAll, { count: missing.length }) : '';
  return new ConnectorError(
    'not_found',
    fillError(errorTexts.membersNotFound, {
      resource: title.toLowerCase(),
      references: `${names.join(errorParts.orReference)}${inAll}`,
    }),
  );
}

function halfDone(error: unknown, done: number, total: number): unknown {
  if (!(error instanceof ConnectorError)) return error;
  return new ConnectorError(error.code, {
    ...error,
    ...fillError(errorTexts.membersPartlyDone, { done, total, message: error.message }),
    cause: error,
  });
}
