import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { canonical, isNothing } from '../scim/canonical.ts';
import { isSameJson, type JsonObject } from '../scim/json.ts';
import { followPath, type JsonPath, jsonPathOf } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { type Change, mustRead } from './confirm-change.ts';
import type { ActionContext } from './operation.ts';

/**
 * Requires that a resource still shows what it showed before: some providers drop attributes that PUT does not know, or
 * treat a PATCH as a PUT. Those of deactivated users may go.
 *
 * @throws ConnectorError `provider_fault`, unless `onLost` handles it
 */
export async function requireKept(
  context: ActionContext,
  definition: ResourceDefinition,
  before: Resource,
  change: Change,
  changed: Resource,
): Promise<Resource> {
  if (lostAttributes(definition, before, change, changed).length === 0) return changed;
  // A response may show only a part.
  const resource = await mustRead(context, definition, before.id);
  const lost = lostAttributes(definition, before, change, resource);
  if (lost.length === 0) return resource;
  if (change.onLost === undefined) throw attributesLost(definition, before.id, lost);
  change.onLost(lost);
  return resource;
}

/** The error for a change after which other attributes are not as they were. */
export function attributesLost(
  { title }: ResourceDefinition,
  id: string,
  paths: readonly string[],
): ConnectorError {
  const values = { resource: title.toLowerCase(), id, attributes: paths.join(', ') };
  return new ConnectorError('provider_fault', fillError(errorTexts.attributesLost, values));
}

/** The paths of what a resource showed before a change, and does not show after it, or in another way. */
function lostAttributes(
  definition: ResourceDefinition,
  before: Resource,
  { operations }: Change,
  after: Resource,
): readonly string[] {
  if (operations.some(({ path, value }) => path === 'active' && value === false)) return [];
  const model = modelOf(definition);
  const changed = operations.map(({ path }) => jsonPathOf(model, path));
  // A user who is activated may get other roles.
  const decisive = changed.some(([name]) => name === 'active')
    ? []
    : ['active', ...definition.roles].map((path) => jsonPathOf(model, path));
  const isKept = ({ path, value }: Shown): boolean => {
    const now = followPath(after, path);
    if (isNothing(now)) return false;
    return !decisive.some((one) => isWithin(path, one)) || isSameJson(canonical(now), canonical(value));
  };
  return shownValues(definition, before)
    .filter(({ path }) => !changed.some((one) => isWithin(one, path) || isWithin(path, one)))
    .filter((one) => !isKept(one))
    .map(({ path }) => path.join(definition.extensions.includes(path[0] ?? '') ? ':' : '.'));
}

interface Shown {
  readonly path: JsonPath;
  readonly value: unknown;
}

/** The values that a client may write: attributes, or the parts of one that has parts, as an extension has. */
function shownValues(definition: ResourceDefinition, resource: Resource): readonly Shown[] {
  const own = Object.entries(writable(definition, resource as unknown as JsonObject));
  return own
    .filter(([name]) => name !== 'schemas' && name !== 'id')
    .flatMap(([name, value]): readonly Shown[] =>
      isRecord(value)
        ? Object.entries(value).map(([part, one]) => ({ path: [name, part], value: one }))
        : [{ path: [name], value }],
    )
    .filter(({ value }) => !isNothing(value));
}

/** The attributes that a client may write, with the `schemas` that they need (RFC 7643 §3). */
export function writable(
  definition: ResourceDefinition,
  resource: JsonObject,
): Readonly<Record<string, unknown>> {
  const { attributes } = modelOf(definition);
  const kept = Object.entries(resource).filter(
    ([name]) => name === 'id' || attributes.get(name)?.mutability !== 'readOnly',
  );
  const body = Object.fromEntries(kept.filter(([name]) => name !== 'meta' && name !== 'schemas'));
  const used = definition.extensions.filter((urn) => body[urn] !== undefined);
  return { schemas: [definition.schema, ...used], ...body };
}

/** Whether a path is another one, or a part of it. */
function isWithin(path: JsonPath, other: JsonPath): boolean {
  return other.every((name, at) => path[at] === name);
}
