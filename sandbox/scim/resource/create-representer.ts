import { isJsonArray, isJsonObject, type Json, type JsonDraft, type JsonObject } from '../../../scim/json.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { ReadableStore } from '../store/store.ts';
import type { ResourceRecord } from './resource-record.ts';

/** Converts records to the representations that clients see. */
export interface Representer {
  /** The whole resource: the stored and the derived attributes. */
  represent(record: ResourceRecord): JsonObject;
  /** One attribute of {@link Representer.represent}, without computing the rest. */
  read(record: ResourceRecord, name: string, extensionUrn: string | undefined): Json | undefined;
  /** The resource's URI. */
  location(record: ResourceRecord): string;
  /** The URI of a resource, which can be deleted already, by its record type. */
  locate(recordType: string, id: string): string;
  /** The weak entity tag. A user's tag also changes with the user's groups (RFC 9110 §8.8.3). */
  etag(record: ResourceRecord): string;
}

/** Creates a representer of resources below a base URL. Other resource types are not shown. */
export function createRepresenter(
  baseUrl: string,
  types: readonly ResourceType[],
  store: ReadableStore,
): Representer {
  const resourceTypes = new Map(types.map((type) => [type.recordType, type]));
  const userType = types.find(({ name }) => name === 'User');
  const groupType = types.find(({ name }) => name === 'Group');
  const locate = (recordType: string, id: string): string =>
    `${baseUrl}${resourceTypes.get(recordType)?.endpoint}/${encodeURIComponent(id.toWellFormed())}`;
  const location = ({ type, id }: ResourceRecord): string => locate(type, id);

  function groupsOf(record: ResourceRecord): readonly JsonObject[] {
    if (groupType === undefined || record.type !== userType?.recordType) return [];
    const groupsWith = (id: string): Iterable<string> =>
      store.lookup(groupType.recordType, 'members.value', id);
    const direct = [...groupsWith(record.id)];
    if (direct.length === 0) return [];
    const shown = new Map<string, JsonObject>();
    // RFC 7643 §4.1.2: membership through nested groups is "indirect". Groups may contain each other.
    const visit = (ids: Iterable<string>, type: 'direct' | 'indirect'): void => {
      for (const id of ids) {
        const group = shown.has(id) ? undefined : store.get(id);
        if (group === undefined) continue;
        const display = group.attributes.displayName;
        shown.set(id, {
          value: id,
          $ref: location(group),
          ...(display !== undefined && { display }),
          type,
        });
      }
    };
    visit(direct, 'direct');
    for (const id of shown.keys()) visit(groupsWith(id), 'indirect');
    return [...shown.values()];
  }

  function showMember(member: Json): Json {
    if (!isJsonObject(member)) return member;
    const target = store.get(String(member.value));
    const type = resourceTypes.get(target?.type ?? '');
    return target === undefined || type === undefined
      ? member
      : { ...member, $ref: location(target), type: type.name };
  }

  function etagOf(record: ResourceRecord, groups: readonly JsonObject[]): string {
    return groups.length === 0
      ? `W/"${record.version}"`
      : `W/"${record.version}-${fingerprint(JSON.stringify(groups))}"`;
  }

  function metaOf(record: ResourceRecord, groups: readonly JsonObject[]): JsonObject {
    return {
      resourceType: resourceTypes.get(record.type)?.name ?? record.type,
      created: record.created,
      lastModified: record.lastModified,
      location: location(record),
      version: etagOf(record, groups),
    };
  }

  function schemasOf(record: ResourceRecord): readonly string[] {
    const type = resourceTypes.get(record.type);
    if (type === undefined) return [];
    const used = type.extensions.filter(({ id }) => record.attributes[id] !== undefined);
    return [type.schema.id, ...used.map(({ id }) => id)];
  }

  return {
    location,
    locate,
    etag: (record) => etagOf(record, groupsOf(record)),
    represent: (record) => {
      const groups = groupsOf(record);
      const shown: JsonDraft = { schemas: schemasOf(record), id: record.id };
      Object.assign(shown, record.attributes);
      const members = shown.members;
      if (isJsonArray(members)) shown.members = members.map(showMember);
      if (groups.length > 0) shown.groups = groups;
      shown.meta = metaOf(record, groups);
      return shown;
    },
    read: (record, name, extensionUrn) => {
      if (extensionUrn !== undefined) {
        const extension = record.attributes[extensionUrn];
        return isJsonObject(extension) ? extension[name] : undefined;
      }
      switch (name) {
        case 'id':
          return record.id;
        case 'schemas':
          return schemasOf(record);
        case 'meta':
          return metaOf(record, groupsOf(record));
        case 'groups': {
          const groups = groupsOf(record);
          return groups.length === 0 ? undefined : groups;
        }
        case 'members': {
          const members = record.attributes[name];
          return isJsonArray(members) ? members.map(showMember) : undefined;
        }
        default:
          return record.attributes[name];
      }
    },
  };
}

// FNV-1a, 32 bits: distinguishes versions; not a security feature.
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
