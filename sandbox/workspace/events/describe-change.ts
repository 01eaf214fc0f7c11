import { type Difference, type DiffOptions, diffResources, itemsByValue } from '../../../scim/diff.ts';
import { isJsonObject, type Json, type JsonDraft, type JsonObject } from '../../../scim/json.ts';
import { differencesToOperations } from '../../../scim/patch/build-operations.ts';
import { patchBody } from '../../../scim/patch/patch-operation.ts';
import type { Representer } from '../../scim/resource/create-representer.ts';
import type { Change, ResourceRecord } from '../../scim/resource/resource-record.ts';
import { isActive } from '../member-changes.ts';
import { type EventFormat, eventUris } from './event-uris.ts';

/** The input of {@link describeChange}. */
export interface ChangeDescription {
  readonly format: EventFormat;
  /** Whether a PUT made the change. */
  readonly isPut: boolean;
  /** Returns resources as they are after the change. */
  readonly representer: Representer;
}

/** A complex value that both versions have is reported by its sub-attributes, an extension always. */
const options: DiffOptions = {
  splits: (_, from, to, isExtension) => isExtension || (isJsonObject(from) && isJsonObject(to)),
  itemLists: new Set(['members']),
  exact: true,
};

/**
 * A change of a resource as the `events` of a SET (RFC 9967 §2.4); undefined if nothing has changed. A change of
 * `active` is a separate event, and all other changes are one additional event (§2.1 allows several for one change).
 */
export function describeChange(
  { before, after }: Change,
  { format, isPut, representer }: ChangeDescription,
): JsonObject | undefined {
  if (after === undefined) return { [eventUris.delete]: {} };
  const payload = (changes: readonly Difference[], data: Json): JsonObject => ({
    ...(format === 'full'
      ? { data }
      : { attributes: [...new Set(changes.map(({ path, list }) => list ?? path))] }),
    version: representer.etag(after),
  });
  if (before === undefined) {
    const id: Difference = { path: 'id', from: undefined, to: after.id };
    const changes = [id, ...diffResources({}, after.attributes, options)];
    return { [eventUris.create(format)]: payload(changes, representer.represent(after)) };
  }
  const events: JsonDraft = {};
  const hasTurned = isActive(before) !== isActive(after);
  if (hasTurned) events[isActive(after) ? eventUris.activate : eventUris.deactivate] = {};
  const changes = diffResources(before.attributes, after.attributes, options).filter(
    ({ path }) => !hasTurned || path !== 'active',
  );
  if (changes.length > 0) {
    const shown = representer.represent(after);
    const data = isPut ? shown : patchOf(changes, shown);
    events[(isPut ? eventUris.put : eventUris.patch)(format)] = payload(changes, data);
  }
  return Object.keys(events).length === 0 ? undefined : events;
}

/** The changes as a PatchOp message; members are shown as SCIM shows them now. */
function patchOf(changes: readonly Difference[], shown: JsonObject): JsonObject {
  const members = itemsByValue(shown.members);
  const asShown = changes.map((change): Difference => {
    if (change.path === 'members') return { ...change, to: shown.members ?? [] };
    const value = isJsonObject(change.to) ? String(change.to.value) : undefined;
    return change.list === 'members' && value !== undefined
      ? { ...change, to: members.get(value) ?? change.to }
      : change;
  });
  // A difference of two versions in JSON is JSON.
  return patchBody(differencesToOperations(asShown)) as unknown as JsonObject;
}

/** The subject of a change, as a `sub_id` (RFC 9967 §2.1). */
export function describeSubject({ id, attributes }: ResourceRecord, endpoint: string): JsonObject {
  const { externalId } = attributes;
  return {
    format: 'scim',
    uri: `${endpoint}/${encodeURIComponent(id)}`,
    ...(typeof externalId === 'string' && { externalId }),
  };
}
