import { isRecord } from '../schemas/is-record.ts';
import { isSameJson } from './json.ts';
import { itemPath } from './path.ts';
import type { ResourceModel } from './schema/resource-model.ts';

/** One difference between two versions of a resource. */
export interface Difference {
  /** A SCIM path: `name.givenName`, `urn:…:User:department`, `members[value eq "2819c223"]`. */
  readonly path: string;
  /** Undefined or null when there was no value. */
  readonly from: unknown;
  /** Undefined or null when there is no value. */
  readonly to: unknown;
  /** Of an item of a list: the path of the list. */
  readonly list?: string;
}

/** How two versions are compared. */
export interface DiffOptions {
  /** Attributes that are no part of the comparison. Default: none. */
  readonly ignored?: ReadonlySet<string>;
  /** Whether a value that differs is reported by its sub-attributes. Default: never. */
  splits?(path: string, from: unknown, to: unknown, isExtension: boolean): boolean;
  /** The lists whose items are reported one by one, by their `value`. Default: none. */
  readonly itemLists?: ReadonlySet<string>;
  /** Whether an item that stayed is reported when it shows something else, and a list when its order changed. */
  readonly exact?: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** What differs between two versions of a resource: one difference for each attribute, or part of one. */
export function diffResources(
  before: Values,
  after: Values,
  options: DiffOptions = {},
): readonly Difference[] {
  return namesOf(before, after)
    .filter((name) => options.ignored?.has(name) !== true)
    .flatMap((name) => {
      // Only the name of an extension, which is a URI, has a colon.
      const separator = name.includes(':') ? ':' : '.';
      return diffValues(name, separator, ownValue(before, name), ownValue(after, name), options);
    });
}

/** Attributes that belong to the record at the provider, and say nothing of the user or group. */
export const recordAttributes: ReadonlySet<string> = new Set(['id', 'schemas', 'meta']);

/**
 * What differs between two versions of a user or group: one difference for each attribute, for each sub-attribute of
 * `name` and other complex attributes, and for each member.
 */
export function diffByModel(model: ResourceModel, before: Values, after: Values): readonly Difference[] {
  const splits = (path: string): boolean => {
    if (model.extension(path) !== undefined) return true;
    const attribute = model.attributes.get(path);
    return attribute?.type === 'complex' && !attribute.multiValued;
  };
  return diffResources(before, after, { ignored: recordAttributes, splits, itemLists: memberList });
}

const memberList: ReadonlySet<string> = new Set(['members']);

/** The items that came and went between two versions of a list, by their values. */
export function diffItems(
  list: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly Difference[] {
  const difference = (value: string): Difference => ({
    path: itemPath(list, value),
    from: before.get(value),
    to: after.get(value),
    list,
  });
  return [
    ...[...before.keys()].filter((value) => !after.has(value)).map(difference),
    ...[...after.keys()].filter((value) => !before.has(value)).map(difference),
  ];
}

/** The items of a list by their `value`; those without one are omitted. */
export function itemsByValue(list: unknown): ReadonlyMap<string, unknown> {
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return new Map(
    items.flatMap((item): [string, unknown][] =>
      isRecord(item) && typeof item.value === 'string' ? [[item.value, item]] : [],
    ),
  );
}

function diffValues(
  path: string,
  separator: ':' | '.',
  from: unknown,
  to: unknown,
  options: DiffOptions,
): readonly Difference[] {
  // RFC 7643 §2.5: null is no value.
  if (isSameJson(from ?? null, to ?? null)) return [];
  if (options.itemLists?.has(path) === true) return diffList(path, from, to, options);
  if (options.splits?.(path, from, to, separator === ':') !== true) return [{ path, from, to }];
  const [before, after] = [isRecord(from) ? from : {}, isRecord(to) ? to : {}];
  return namesOf(before, after).flatMap((name) =>
    diffValues(`${path}${separator}${name}`, '.', ownValue(before, name), ownValue(after, name), options),
  );
}

function diffList(list: string, from: unknown, to: unknown, { exact }: DiffOptions): readonly Difference[] {
  const [before, after] = [itemsByValue(from), itemsByValue(to)];
  const moved = diffItems(list, before, after);
  if (exact !== true) return moved;
  const changed = [...before]
    .filter(([value, item]) => after.has(value) && !isSameJson(item, after.get(value)))
    .map(([value, item]) => ({ path: itemPath(list, value), from: item, to: after.get(value), list }));
  return moved.length + changed.length === 0 ? [{ path: list, from, to }] : [...moved, ...changed];
}

function namesOf(before: Values, after: Values): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

// An own property only, so that "__proto__" and "constructor" are attributes like any other.
function ownValue(values: Values, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
