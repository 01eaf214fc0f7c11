import type { Field, ResourceDefinition } from '../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import type { Reference } from '../connector/provider/look-up.ts';
import { fill } from '../schemas/fill.ts';
import { changeMembers } from './change-members.ts';
import { findTarget, findTargetOrNone } from './look-up.ts';
import {
  type ActionContext,
  type ActionOf,
  type Input,
  namedResource,
  type OperationHandler,
  resourceOf,
} from './operation.ts';
import { setExactly } from './set-exactly.ts';

/** PATCH of a group's members, in chunks. Everyone is found before anything is changed. */
export const members: OperationHandler<'members'> = {
  type: 'members',
  async run(context, action, input) {
    const { change, chunkSize } = action.operation;
    const definition = resourceOf(context, action);
    if (change === 'set') requireMembers(action, input);
    const group = await findTarget(context, definition, input);
    const ids = await findMembers(context, action, input);
    if (change === 'set') return setExactly(context, definition, group.id, { ids, chunkSize });
    const requests = await changeMembers(context, definition, group.id, { change, ids, chunkSize });
    return { id: group.id, members: ids.map((value) => ({ value })), requests };
  },
};

/** An empty list is most often the result of a lookup that failed, so that it removes everybody only if that is allowed. */
function requireMembers(action: ActionOf<'members'>, input: Input): void {
  const { key } = membersField(action);
  const references = (input[key] ?? []) as readonly Reference[];
  if (references.length > 0 || input.allowEmpty === true) return;
  throw invalidInput([{ path: key, message: problemTexts.noMembers }]);
}

function membersField({ key, fields }: ActionOf<'members'>): Field {
  const field = fields.find(({ kind }) => kind === 'references');
  if (field === undefined) throw new TypeError(`${key} has no field of references`);
  return field;
}

async function findMembers(
  context: ActionContext,
  action: ActionOf<'members'>,
  input: Input,
): Promise<readonly string[]> {
  const { key, resource = '' } = membersField(action);
  const definition = namedResource(context, resource);
  const references = (input[key] ?? []) as readonly Reference[];
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
      .map(([way, value]) => `${way} ${JSON.stringify(value)}`)
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
