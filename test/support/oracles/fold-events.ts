import type { Connector, ProvisioningEvent } from '../../../runtime/index.ts';
import { resourceNamed } from '../open-test-session.ts';
import { readNaively } from './path-oracle.ts';

/** What someone who only hears of events knows: each user and group, by kind and id. */
export type Knowledge = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/**
 * Follows events from what was known. Of a new resource `data` is taken; after that only `changes` count, so that one
 * that is missing, or says too much, shows.
 */
export function foldEvents(known: Knowledge, events: readonly ProvisioningEvent[]): Knowledge {
  const knowledge = new Map([...known].map(([key, value]) => [key, structuredClone(value)]));
  for (const { type, resource, subject, changes, data } of events) {
    const key = `${resource}/${subject.id}`;
    if (type === 'delete') knowledge.delete(key);
    else if (type === 'create') knowledge.set(key, structuredClone(data ?? {}));
    else {
      const target: Record<string, unknown> = { ...knowledge.get(key) };
      for (const change of changes) apply(target, change, resource);
      knowledge.set(key, target);
    }
  }
  return knowledge;
}

function knowledgeOf(kind: string, resources: readonly Readonly<Record<string, unknown>>[]): Knowledge {
  return new Map(resources.map((resource) => [`${kind}/${resource.id}`, resource]));
}

/** Everything that a provider has, in the same form. */
export async function stateOf({ actions }: Connector): Promise<Knowledge> {
  const users = await actions.search_users({});
  const groups = await actions.search_groups({});
  return new Map([...knowledgeOf('User', users.resources), ...knowledgeOf('Group', groups.resources)]);
}

/** What counts in a comparison: not metadata, and not what is said elsewhere. */
export function essence(knowledge: Knowledge): Record<string, unknown> {
  return Object.fromEntries(
    [...knowledge]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, { meta: _, schemas: __, groups: ___, ...rest }]) => [key, naiveForm(idsOnly(rest))]),
  );
}

function idsOnly(resource: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { members, active = true, ...rest } = resource;
  // Who is not said to be inactive is active.
  const plain = 'userName' in rest ? { ...rest, active } : rest;
  return Array.isArray(members) ? { ...plain, members: members.map(({ value }) => ({ value })) } : plain;
}

function apply(
  target: Record<string, unknown>,
  { path, from, to }: ProvisioningEvent['changes'][number],
  resource: string,
): void {
  const { keys, item: id } = readNaively(resourceNamed(resource as 'User' | 'Group'), path);
  if (id === undefined) {
    set(target, keys, to);
    return;
  }
  const members = Array.isArray(target.members) ? target.members : [];
  const others = members.filter(({ value }) => value !== id);
  if (from !== null && others.length === members.length) throw new Error(`${id} was no member`);
  target.members = to === null ? others : [...others, { value: id }];
}

function set(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = { ...(target[key] as Record<string, unknown> | undefined) };
  target[key] = inner;
  set(inner, rest, value);
}

/**
 * A form in which two values that mean the same are the same, found without scim/canonical.ts: lists as sets, and
 * nothing of what has no value or is derived for display.
 */
function naiveForm(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value
      .map((item) => JSON.stringify(naiveForm(item) ?? null))
      .filter((text) => text !== 'null');
    return items.length === 0 ? undefined : [...new Set(items)].toSorted();
  }
  if (typeof value !== 'object' || value === null) return value === '' ? undefined : (value ?? undefined);
  const entries = Object.entries(value)
    .filter(
      ([name, inner]) => name !== '$ref' && name !== 'display' && !(name === 'primary' && inner === false),
    )
    .map(([name, inner]) => [name, naiveForm(inner)] as const)
    .filter(([, inner]) => inner !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
