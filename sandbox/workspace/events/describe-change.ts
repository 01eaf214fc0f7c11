import type { Json, JsonDraft, JsonObject } from '../../../scim/json.ts';
import type { Representer } from '../../scim/resource/create-representer.ts';
import type { Change, ResourceRecord } from '../../scim/resource/resource-record.ts';
import { isActive } from '../member-changes.ts';
import { type AttributeChange, attributeChanges, operationsOf } from './attribute-changes.ts';
import { type EventFormat, eventUris } from './event-uris.ts';

/** The input of {@link describeChange}. */
export interface ChangeDescription {
  readonly format: EventFormat;
  /** Whether a PUT made the change. */
  readonly isPut: boolean;
  /** Returns resources as they are after the change. */
  readonly representer: Representer;
}

const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/**
 * A change of a resource as the `events` of a SET (RFC 9967 §2.4); undefined if nothing has changed. A change of
 * `active` is a separate event, and all other changes are one additional event (§2.1 allows several for one change).
 */
export function describeChange(
  { before, after }: Change,
  { format, isPut, representer }: ChangeDescription,
): JsonObject | undefined {
  if (after === undefined) return { [eventUris.delete]: {} };
  const payload = (changes: readonly AttributeChange[], data: Json): JsonObject => ({
    ...(format === 'full' ? { data } : { attributes: changes.map(({ path }) => path) }),
    version: representer.etag(after),
  });
  if (before === undefined) {
    const id: AttributeChange = { path: 'id', from: undefined, to: after.id };
    const changes = [id, ...attributeChanges({}, after.attributes)];
    return { [eventUris.create(format)]: payload(changes, representer.represent(after)) };
  }
  const events: JsonDraft = {};
  const hasTurned = isActive(before) !== isActive(after);
  if (hasTurned) events[isActive(after) ? eventUris.activate : eventUris.deactivate] = {};
  const changes = attributeChanges(before.attributes, after.attributes).filter(
    ({ path }) => !hasTurned || path !== 'active',
  );
  if (changes.length > 0) {
    const shown = representer.represent(after);
    const data = isPut ? shown : { schemas: [patchUrn], Operations: operationsOf(changes, shown) };
    events[(isPut ? eventUris.put : eventUris.patch)(format)] = payload(changes, data);
  }
  return Object.keys(events).length === 0 ? undefined : events;
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
