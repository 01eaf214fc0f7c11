import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { findByValue, type Projection } from '../connector/provider/find-by-value.ts';
import {
  findById,
  findByReference,
  idOfReference,
  lookUpReference,
  notFound,
  type Reference,
} from '../connector/provider/look-up.ts';
import type { Resource } from '../connector/resource.ts';
import { readTime } from '../scim/timestamps.ts';
import type { ActionContext, Input } from './operation.ts';

/** The resource that an action changes. */
export interface Target {
  readonly id: string;
  /** Its version, where a lookup showed one. */
  readonly version?: string | undefined;
}

/** Finds the resource that an input names; an ID needs no request. @throws ConnectorError `not_found` */
export async function findTarget(
  context: ActionContext,
  definition: ResourceDefinition,
  input: Input,
): Promise<Target> {
  const reference = referenceIn(input, definition);
  const target = await findTargetOrNone(context, definition, reference);
  if (target === undefined) throw notFound(definition, reference);
  return target;
}

/** The same; undefined if no resource matches. */
export async function findTargetOrNone(
  context: ActionContext,
  definition: ResourceDefinition,
  reference: Reference,
): Promise<Target | undefined> {
  return (await searchTarget(context, definition, reference)).target;
}

/** The same, with whether it is proved that no resource matches. */
export async function searchTarget(
  context: ActionContext,
  definition: ResourceDefinition,
  reference: Reference,
): Promise<{ readonly target: Target | undefined; readonly isAbsenceProved: boolean }> {
  const id = idOfReference(reference);
  if (id !== undefined) return { target: { id }, isAbsenceProved: false };
  const reader = context.reader(definition, context.signal);
  const { found, isAbsenceProved } = await lookUpReference(reader, definition, reference);
  return { target: found && targetOf(found), isAbsenceProved };
}

/** A resource that was read, as a target. */
export function targetOf({ id, meta }: Resource): Target {
  const version: unknown = meta?.version;
  // A version that no header can have cannot be sent back.
  const isUsable = typeof version === 'string' && /^[\x20-\x7e]+$/.test(version);
  return { id, version: isUsable ? version : undefined };
}

/** The reference in an input. */
export function referenceIn(input: Input, definition: ResourceDefinition): Reference {
  return input[definition.reference.key] as Reference;
}

/** Reads the resource that a reference names; undefined if no resource matches. @throws ConnectorError */
export async function readReferenced(
  context: ActionContext,
  definition: ResourceDefinition,
  reference: Reference,
  projection?: Projection,
): Promise<Resource | undefined> {
  const id = idOfReference(reference);
  if (id !== undefined) return readById(context, definition, id, projection);
  const reader = context.reader(definition, context.signal);
  const found = await findByReference(reader, definition, reference, projection);
  // Lists show groups without their members, or with some of them.
  return found !== undefined && wantsMembers(definition, projection)
    ? readById(context, definition, found.id, projection)
    : found;
}

function wantsMembers({ attributes }: ResourceDefinition, projection: Projection = {}): boolean {
  const names = (list: readonly string[]): boolean => list.some((name) => /(^|:)members(\.|$)/i.test(name));
  return (
    attributes.some(({ name }) => name === 'members') &&
    (projection.attributes === undefined || names(projection.attributes)) &&
    !names(projection.excludedAttributes ?? [])
  );
}

/** Reads a resource by its ID; undefined once the provider has shown that its service is there. @throws ConnectorError */
export async function readById(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
  projection?: Projection,
): Promise<Resource | undefined> {
  const found = await findById(context.reader(definition, context.signal), definition, id, projection);
  if (found === undefined) await context.confirmService(definition);
  return found;
}

/** A unique value that a new resource is to have. */
export interface Identity {
  readonly path: string;
  readonly value: string;
}

/** Finds the resource that already has the unique value of a new one. @throws ConnectorError `conflict` for several */
export async function findExisting(
  context: ActionContext,
  definition: ResourceDefinition,
  { path, value }: Identity,
): Promise<Resource | undefined> {
  const { found } = await findByValue(context.reader(definition, context.signal), definition, [path], value);
  if (found.length < 2) return found[0];
  throw new ConnectorError(
    'conflict',
    fillError(errorTexts.ambiguousIdentity, { count: found.length, path, value }),
  );
}

/** What a creation knows of the resource that it may have made. */
export interface Creation {
  readonly identity: Identity;
  readonly externalId: unknown;
  /** When the first attempt began, in milliseconds since 1970. */
  readonly startedAtInMs: number;
}

/** `Date` counts whole seconds, and a response takes a while: so much older than the creation its resource may look. */
const clockToleranceInMs = 3_000;

/**
 * The earliest time, by the clock of the provider, at which a creation can have made a resource.
 *
 * @param nowThereInMs - the time by that clock
 */
export function earliestCreation(startedAtInMs: number, nowInMs: number, nowThereInMs: number): number {
  return startedAtInMs + nowThereInMs - nowInMs - clockToleranceInMs;
}

/**
 * Finds the resource that a creation made: it has the same unique value, and is no older than the first attempt by the
 * clock of the provider.
 *
 * @throws ConnectorError `conflict` when one has the value, and nothing shows whether this creation made it.
 */
export async function findCreated(
  context: ActionContext,
  definition: ResourceDefinition,
  { identity, externalId, startedAtInMs }: Creation,
  deadlineAtInMs?: number,
): Promise<Resource | undefined> {
  const { found, answeredAtInMs } = await findByValue(
    context.reader(definition, context.signal),
    definition,
    [identity.path],
    identity.value,
    deadlineAtInMs === undefined ? {} : { deadlineAtInMs },
  );
  const nowInMs = answeredAtInMs ?? context.platform.now();
  const earliestInMs = earliestCreation(startedAtInMs, context.platform.now(), nowInMs);
  for (const resource of found) {
    if (externalId !== undefined && resource.externalId !== undefined && resource.externalId !== externalId)
      continue;
    const createdAtInMs = readTime(resource.meta?.created);
    // Created after the provider's own time: that time comes from a cache, and proves nothing.
    if (createdAtInMs === undefined || createdAtInMs > nowInMs + clockToleranceInMs)
      throw maybeCreated(definition, identity, resource);
    if (createdAtInMs >= earliestInMs) return resource;
  }
  return undefined;
}

function maybeCreated(
  { title }: ResourceDefinition,
  { path, value }: Identity,
  { id }: Resource,
): ConnectorError {
  return new ConnectorError(
    'conflict',
    fillError(errorTexts.createdByOthers, { resource: title.toLowerCase(), path, value, id }),
  );
}
