import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import type { EventChange } from '../../../connector/event.ts';
import type { Resource } from '../../../connector/resource.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { isSameJson } from '../../../scim/json.ts';
import { itemPath } from '../../../scim/path.ts';
import { changeFromTo } from './changes.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * What differs between two states of a resource, where a source tells both: one change for each attribute, for each
 * part of a `name` and its like, and for each member.
 */
export function resourceChanges(
  { attributes, extensions }: ResourceDefinition,
  before: Resource,
  after: Resource,
): readonly EventChange[] {
  const partsOf = new Set(
    attributes
      .filter(({ type, multiValued }) => type === 'complex' && multiValued !== true)
      .map(({ name }) => name),
  );
  return namesOf(before, after).flatMap((name) => {
    const from = before[name];
    const to = after[name];
    if (extensions.includes(name)) return partChanges(`${name}:`, from, to);
    if (partsOf.has(name)) return partChanges(`${name}.`, from, to);
    if (name === 'members') return itemChanges(name, from, to);
    return changeBetween(name, from, to);
  });
}

function namesOf(before: Values, after: Values): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const name of ['id', 'schemas', 'meta']) names.delete(name);
  return [...names];
}

function changeBetween(path: string, from: unknown, to: unknown): readonly EventChange[] {
  return isSameJson(from ?? null, to ?? null) ? [] : [changeFromTo(path, from ?? null, to ?? null)];
}

function partChanges(prefix: string, from: unknown, to: unknown): readonly EventChange[] {
  const before = isRecord(from) ? from : {};
  const after = isRecord(to) ? to : {};
  return namesOf(before, after).flatMap((name) =>
    changeBetween(`${prefix}${name}`, before[name], after[name]),
  );
}

function itemChanges(path: string, from: unknown, to: unknown): readonly EventChange[] {
  const before = itemsOf(from);
  const after = itemsOf(to);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) =>
    // What is shown beside the id, such as the name of a member, is not what makes one.
    before.has(id) && after.has(id)
      ? []
      : [changeFromTo(itemPath(path, id), before.get(id) ?? null, after.get(id) ?? null)],
  );
}

function itemsOf(list: unknown): ReadonlyMap<string, unknown> {
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return new Map(
    items.flatMap((item): [string, unknown][] =>
      isRecord(item) && typeof item.value === 'string' ? [[item.value, item]] : [],
    ),
  );
}
