import { randomUUID } from 'node:crypto';
import {
  isJsonArray,
  isJsonObject,
  isSameJson,
  type Json,
  type JsonDraft,
  type JsonObject,
} from '../../../scim/json.ts';
import { applyPatch } from '../../../scim/patch/apply-patch.ts';
import { readPatch } from '../../../scim/patch/read-patch.ts';
import { replaceItems } from '../../../scim/resource/normalize-items.ts';
import { badRequest, notFound, ScimError } from '../../../scim/scim-error.ts';
import type { Representer } from '../resource/create-representer.ts';
import { checkRequired, readResource } from '../resource/read-resource.ts';
import type { Change, ResourceRecord } from '../resource/resource-record.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { ScimLimits } from '../scim-limits.ts';
import { indexKey } from '../store/attribute-index.ts';
import type { Store } from '../store/store.ts';
import type { Commit, CommitHooks } from './commit-hooks.ts';
import { checkIfMatch } from './entity-tags.ts';
import type { Interceptors, Write } from './interceptors.ts';
import type { Principal } from './scim-message.ts';

/** A resource to create, with a predefined ID. */
export interface NewResource {
  readonly type: ResourceType;
  readonly id: string;
  readonly body: Json;
}

/** A change to one existing resource. */
export interface WriteTarget {
  readonly type: ResourceType;
  readonly id: string;
  /** The `If-Match` header, or a bulk operation's `version`. */
  readonly ifMatch: string | undefined;
  readonly principal: Principal;
}

/** Makes changes: each call is one commit, or throws a ScimError and changes nothing. */
export interface Writer {
  /** Creates resources in one commit; they may refer to each other. */
  create(resources: readonly NewResource[], principal: Principal): readonly ResourceRecord[];
  replace(target: WriteTarget, body: Json): ResourceRecord;
  patch(target: WriteTarget, body: Json | undefined): ResourceRecord;
  remove(target: WriteTarget): void;
  /** Creates an ID for a new resource. */
  newId(): string;
  /** The record of a resource, or a ScimError 404. */
  require(type: ResourceType, id: string): ResourceRecord;
}

/**
 * What happens to a group member whose ID no user or group has: the request is rejected, the member is stored anyway,
 * or the member is dropped silently.
 *
 * @example
 * ```ts
 * const unknownMembers: UnknownMembers = 'ignore';
 * await using sandbox = await startSandbox({ unknownMembers });
 * ```
 */
export type UnknownMembers = 'reject' | 'keep' | 'ignore';

/** The dependencies of a writer. */
export interface WriterOptions {
  /** The types of the service: a group's members are of these. */
  readonly resourceTypes: readonly ResourceType[];
  readonly store: Store;
  readonly representer: Representer;
  readonly hooks: CommitHooks;
  readonly limits: ScimLimits;
  readonly unknownMembers: UnknownMembers;
  readonly interceptors: Interceptors;
  readonly now: () => Date;
  readonly onInternalError: (error: unknown) => void;
}

/** Creates a writer. */
export function createWriter({
  resourceTypes,
  store,
  representer,
  hooks,
  limits,
  unknownMembers,
  interceptors,
  now,
  onInternalError,
}: WriterOptions): Writer {
  const recordTypes = new Set(resourceTypes.map(({ recordType }) => recordType));
  const groupType = resourceTypes.find(({ name }) => name === 'Group');

  function commit(operation: Commit['operation'], changes: readonly Change[], principal: Principal): void {
    const whole: Commit = { operation, changes, principal };
    const further = hooks.beforeCommit?.(whole) ?? [];
    store.commit(further.length === 0 ? changes : [...changes, ...further]);
    interceptors.committed?.(changes);
    try {
      hooks.afterCommit?.(whole);
    } catch (error) {
      onInternalError(error);
    }
  }

  function require(type: ResourceType, id: string): ResourceRecord {
    const record = store.get(id);
    if (record === undefined || record.type !== type.recordType) {
      throw notFound(`There is no ${type.name} with the id ${JSON.stringify(id)}.`);
    }
    return record;
  }

  // RFC 7644 §3.12, Table 9 "uniqueness", which §3.3 answers with 409.
  function checkUnique(type: ResourceType, id: string, attributes: JsonObject): void {
    for (const attribute of type.schema.attributes.list) {
      const value = attributes[attribute.name];
      if (attribute.uniqueness === 'none' || value === undefined) continue;
      for (const owner of store.lookup(type.recordType, attribute.name, indexKey(attribute, value))) {
        if (owner === id) continue;
        throw new ScimError(
          409,
          `Another ${type.name} has the ${attribute.name} ${JSON.stringify(value)}.`,
          'uniqueness',
        );
      }
    }
  }

  function withKnownMembers(
    attributes: JsonObject,
    before: JsonObject,
    pending: ReadonlySet<string>,
  ): JsonObject {
    const { members, ...rest } = attributes;
    if (unknownMembers === 'keep' || !isJsonArray(members) || isSameJson(members, before.members)) {
      return attributes;
    }
    const isKnown = (member: Json): boolean => {
      const id = memberId(member);
      return recordTypes.has(store.get(id)?.type ?? '') || pending.has(id);
    };
    const known = members.filter(isKnown);
    if (known.length === members.length) return attributes;
    if (unknownMembers === 'ignore') return known.length === 0 ? rest : { ...rest, members: known };
    // A dangling reference is the client's error: after a 500, Entra ID would retry it forever.
    const unknown = members.filter((member) => !isKnown(member)).map(memberId);
    throw badRequest('invalidValue', `The member ${JSON.stringify(unknown[0])} is not a user or group.`);
  }

  function changed(before: ResourceRecord, attributes: JsonObject): ResourceRecord {
    const stamp = now().toISOString();
    return {
      ...before,
      version: before.version + 1,
      lastModified: interceptors.lastModified?.(stamp, before, attributes) ?? stamp,
      attributes,
    };
  }

  // The resource itself comes first; the groups that lose it as a member follow.
  function removalOf(before: ResourceRecord): readonly Change[] {
    const changes: Change[] = [{ before }];
    const groupIds = groupType && store.lookup(groupType.recordType, 'members.value', before.id);
    for (const groupId of [...(groupIds ?? [])]) {
      const group = groupId === before.id ? undefined : store.get(groupId);
      if (group !== undefined)
        changes.push({ before: group, after: changed(group, withoutMember(group, before.id)) });
    }
    return changes;
  }

  function intercepted(write: Write): Write {
    return interceptors.write?.(write) ?? write;
  }

  function update(
    write: Write & { readonly method: 'PUT' | 'PATCH'; readonly before: ResourceRecord },
    { type, id, principal }: WriteTarget,
    base: JsonObject,
    given: JsonObject,
  ): ResourceRecord {
    const { method, before } = write;
    const operation = method === 'PUT' ? 'replace' : 'patch';
    const taken = interceptors.attributes?.(given, { method, type, id, base }) ?? given;
    const settled = hooks.settle?.(taken, { type, operation, before }) ?? taken;
    const attributes = withKnownMembers(settled, before.attributes, noIds);
    // Okta repeats a group's name with every membership change: without an effect, it is not a change.
    if (isSameJson(before.attributes, attributes)) {
      interceptors.unchanged?.(write);
      const further = hooks.whenUnchanged?.(before, attributes) ?? [];
      if (further.length > 0) store.commit(further);
      return before;
    }
    checkRequired(type, attributes);
    checkUnique(type, id, attributes);
    const after = changed(before, attributes);
    if (interceptors.deletes?.(attributes, type) === true) commit('delete', removalOf(before), principal);
    else commit(operation, [{ before, after }], principal);
    return after;
  }

  return {
    newId: () => interceptors.newId?.() ?? randomUUID(),
    require,
    create: (resources, principal) => {
      const created = now().toISOString();
      const pending = new Set(resources.map(({ id }) => id));
      const records = resources.map(({ type, id, body }): ResourceRecord => {
        const write = intercepted({ method: 'POST', type, body });
        const given = { ...type.defaults, ...readResource(type, write.body ?? null) };
        const taken = interceptors.attributes?.(given, { method: 'POST', type, id }) ?? given;
        const settled = hooks.settle?.(taken, { type, operation: 'create' }) ?? taken;
        const attributes = withKnownMembers(settled, {}, pending);
        checkRequired(type, attributes);
        checkUnique(type, id, attributes);
        return {
          id,
          type: type.recordType,
          sequence: 0,
          version: 1,
          created,
          lastModified: created,
          attributes,
        };
      });
      checkUniqueTogether(resources, records);
      const placed = records.map((record) => ({ ...record, sequence: store.nextSequence() }));
      const changes = placed.map((after) => ({ after }));
      commit('create', changes, principal);
      return placed;
    },
    replace: (target, body) => {
      const { type, id } = target;
      const before = require(type, id);
      const write = intercepted({ method: 'PUT', type, before, ifMatch: target.ifMatch, body });
      checkIfMatch(write.ifMatch, before);
      const given = replaced(type, before.attributes, readResource(type, write.body ?? null));
      return update({ ...write, method: 'PUT', before }, target, before.attributes, given);
    },
    patch: (target, body) => {
      const { type, id } = target;
      const before = require(type, id);
      const { ifMatch } = target;
      const write = intercepted({ method: 'PATCH', type, before, ifMatch, operations: readPatch(body) });
      checkIfMatch(write.ifMatch, before);
      const base = hooks.patchBase?.(before) ?? before.attributes;
      const attributes = applyPatch(type, base, write.operations ?? [], {
        shown: () => representer.represent(before),
        maxComparisons: limits.maxComparisons,
      });
      return update({ ...write, method: 'PATCH', before }, target, base, attributes);
    },
    remove: ({ type, id, ifMatch, principal }) => {
      const before = require(type, id);
      const write = intercepted({ method: 'DELETE', type, before, ifMatch });
      checkIfMatch(write.ifMatch, before);
      commit('delete', removalOf(before), principal);
    },
  };
}

const noIds: ReadonlySet<string> = new Set();

// RFC 7644 §3.5.1: omitted attributes are cleared; immutable attributes must not change.
function replaced(type: ResourceType, before: JsonObject, given: JsonObject): JsonObject {
  const next: JsonDraft = { ...given };
  for (const attribute of type.attributes.list) {
    const { name, mutability } = attribute;
    const old = before[name];
    const value = next[name];
    if (mutability === 'immutable' && old !== undefined) {
      if (value !== undefined && !isSameJson(old, value)) {
        throw badRequest('mutability', `The attribute "${name}" is immutable.`);
      }
      next[name] = old;
    } else if (isJsonArray(old) && isJsonArray(value)) {
      next[name] = replaceItems(attribute, old, value);
    } else if (old !== undefined && isSameJson(old, value)) {
      next[name] = old;
    }
  }
  return next;
}

function memberId(member: Json): string {
  return isJsonObject(member) ? String(member.value) : '';
}

function withoutMember(group: ResourceRecord, id: string): JsonObject {
  const { members, ...rest } = group.attributes;
  const kept = isJsonArray(members)
    ? members.filter((member) => !isJsonObject(member) || member.value !== id)
    : [];
  return kept.length === 0 ? rest : { ...rest, members: kept };
}

// Resources of one commit are not in the store's indexes yet, so they are compared with each other.
function checkUniqueTogether(resources: readonly NewResource[], records: readonly ResourceRecord[]): void {
  if (records.length < 2) return;
  const taken = new Set<string>();
  resources.forEach(({ type }, at) => {
    for (const attribute of type.schema.attributes.list) {
      const value = records[at]?.attributes[attribute.name];
      if (attribute.uniqueness === 'none' || value === undefined) continue;
      const key = JSON.stringify([type.name, attribute.name, indexKey(attribute, value)]);
      if (taken.has(key))
        throw new ScimError(409, `Two resources have the same ${attribute.name}.`, 'uniqueness');
      taken.add(key);
    }
  });
}
