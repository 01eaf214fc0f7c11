import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { subjectOf } from '../../connector/definition/events.ts';
import type { EventChange, EventSubject } from '../../connector/event.ts';
import type { Resource } from '../../connector/resource.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { canonical, keyOfItem } from '../../scim/canonical.ts';
import { diffItems } from '../../scim/diff.ts';
import { isSameJson } from '../../scim/json.ts';
import { findAttribute, jsonPathOf, setAt } from '../../scim/path.ts';
import type { Attribute } from '../../scim/schema/attribute.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import { changeOfDifference } from '../changes.ts';
import {
  type Column,
  type Entry,
  parseEntry,
  type StorageMode,
  serializeEntry,
  shortFingerprint,
} from './snapshot-text.ts';

/** Creates snapshot entries of resources, and finds differences. */
export interface Tracker {
  /**
   * The entry of a resource, as text. An omitted or unreadable `active` keeps its previous value.
   *
   * @param outside the triggers whose scope filter the resource does not match
   */
  entryOf(resource: Resource, outside: number, readBefore: () => string | undefined): string;
  /** The changes from `before`; without it, the changes of a new resource. */
  changesBetween(before: string | undefined, after: string, resource: Resource): readonly EventChange[];
  /** The changes of a deleted resource. */
  changesOnDelete(before: string): readonly EventChange[];
  /** The keys of the members in an entry. */
  membersOf(entry: string): readonly string[];
  /** The identifying attributes in an entry. */
  subjectOf(id: string, entry: string): EventSubject;
  /** The triggers whose scope filter an entry did not match. */
  outsideOf(entry: string): number;
  /** The paths of the attributes that have a value in an entry. */
  pathsOf(entry: string): readonly string[];
  /** The paths of the attributes that have a value in a resource, which does not count as shown. */
  pathsIn(resource: Resource): readonly string[];
  /** Whether a resource has shown a value of an attribute. */
  isShown(path: string): boolean;
  /** The attributes that an entry no longer has, with the number of values lost. */
  lostBetween(before: string, after: string): ReadonlyMap<string, number>;
  /** An entry with the previous values of some attributes, and the previous match, which may depend on them. */
  withValuesOf(before: string, after: string, paths: ReadonlySet<string>): string;
  /** The current columns: the given ones, and newly found attributes. They must be stored with the entries. */
  columns(): readonly Column[];
}

/** The attributes that are not part of a resource itself: its metadata, and those derived from other resources. */
const untracked: ReadonlySet<string> = new Set(['id', 'meta', 'schemas']);

interface TrackedColumn extends Column {
  readonly attribute: Attribute | undefined;
  /** The keys of the path to the value in a resource. */
  readonly jsonPath: readonly string[];
}

/** Creates the tracker of one resource type, for entries that were written with these columns. */
export function createTracker(definition: ResourceDefinition, known: readonly Column[] = []): Tracker {
  const { extensions, retainedAttributes } = definition;
  const model = modelOf(definition);
  const columns: TrackedColumn[] = [];
  // At most one column per path is written; columns in an earlier format are only read.
  const written = new Map<string, number>();
  const kept = new Set(retainedAttributes);

  const keptAs = (path: string, attribute: Attribute | undefined): StorageMode =>
    kept.has(path) ? (attribute?.multiValued === true ? 'items' : 'value') : 'print';

  const add = (column: Column): number => {
    const attribute = findAttribute(model, column.path);
    columns.push({ ...column, attribute, jsonPath: jsonPathOf(model, column.path) });
    if (column.kept === keptAs(column.path, attribute)) written.set(column.path, columns.length - 1);
    return columns.length - 1;
  };
  for (const column of known) add(column);

  const columnOf = (path: string): number =>
    written.get(path) ?? add({ path, kept: keptAs(path, findAttribute(model, path)) });
  for (const path of retainedAttributes) columnOf(path);

  const isTracked = (path: string, attribute: Attribute | undefined): boolean =>
    attribute?.mutability !== 'readOnly' || kept.has(path);

  /** The top-level attributes found so far, so that each is looked up once. */
  const top = new Map<string, number | 'extension' | 'no'>();
  const placeOf = (name: string): number | 'extension' | 'no' => {
    const known = top.get(name);
    if (known !== undefined) return known;
    const place = extensions.includes(name)
      ? 'extension'
      : untracked.has(name) || !isTracked(name, findAttribute(model, name))
        ? 'no'
        : columnOf(name);
    top.set(name, place);
    return place;
  };
  const inExtension = new Map<string, number | 'no'>();
  const placeInExtension = (path: string): number | 'no' => {
    const known = inExtension.get(path);
    if (known !== undefined) return known;
    const place = isTracked(path, findAttribute(model, path)) ? columnOf(path) : 'no';
    inExtension.set(path, place);
    return place;
  };

  const cellOf = (index: number, value: unknown): unknown => {
    const column = columns[index];
    return column === undefined ? undefined : keep(column.kept, value, column.attribute);
  };

  const cellsOf = (resource: Resource): unknown[] => {
    const cells: unknown[] = new Array(columns.length);
    for (const name in resource) {
      const place = placeOf(name);
      const value = resource[name];
      if (place === 'no') continue;
      if (place !== 'extension') cells[place] = cellOf(place, value);
      else if (isRecord(value)) {
        for (const sub in value) {
          const placed = placeInExtension(`${name}:${sub}`);
          if (placed !== 'no') cells[placed] = cellOf(placed, value[sub]);
        }
      }
    }
    return cells;
  };

  /** Whether a resource has shown a value, by column. */
  const shown: boolean[] = [];

  const activeAt = columns.findIndex(({ path }) => path === 'active');

  /** The value at a path in a resource, unchanged. */
  const rawAt = (resource: Resource, path: string): unknown => {
    // The URI of an extension without a schema can contain dots.
    if (Object.hasOwn(resource, path)) return resource[path];
    let value: unknown = resource;
    for (const key of columnAt(path)?.jsonPath ?? []) value = isRecord(value) ? value[key] : undefined;
    return value;
  };

  const columnAt = (path: string): TrackedColumn | undefined => columns.findLast((one) => one.path === path);

  const cellAt = ({ cells }: Entry, path: string): { readonly cell: unknown; readonly kept: StorageMode } => {
    for (let index = columns.length - 1; index >= 0; index -= 1) {
      const column = columns[index];
      if (column?.path === path && cells[index] !== undefined)
        return { cell: cells[index], kept: column.kept };
    }
    return { cell: undefined, kept: 'value' };
  };

  const changeAt = (
    path: string,
    before: Entry,
    after: Entry,
    resource: Resource,
  ): readonly EventChange[] => {
    const old = cellAt(before, path);
    const now = cellAt(after, path);
    if (isSameJson(old.cell, now.cell)) return [];
    const attribute = columnAt(path)?.attribute;
    const raw = rawAt(resource, path);
    // A column in an earlier format is compared in that format.
    if (old.cell !== undefined && old.kept !== now.kept && now.cell !== undefined) {
      if (isSameJson(old.cell, keep(old.kept, raw, attribute))) return [];
    }
    if (old.kept === 'items' || now.kept === 'items') {
      if (old.kept !== 'print') return itemChanges(path, listOf(old.cell), listOf(now.cell), raw);
    }
    const fromKnown = old.cell === undefined || old.kept !== 'print';
    return [{ path, from: fromKnown ? (old.cell ?? null) : null, to: raw ?? null, fromKnown, toKnown: true }];
  };

  const memberPaths = retainedAttributes.filter(
    (path) => path === 'members' && findAttribute(model, path)?.multiValued === true,
  );

  return {
    entryOf(resource, outside, readBefore) {
      const cells = cellsOf(resource);
      for (let index = 0; index < cells.length; index += 1)
        if (cells[index] !== undefined) shown[index] = true;
      if (activeAt >= 0 && typeof cells[activeAt] !== 'boolean') {
        const before = readBefore();
        cells[activeAt] = before === undefined ? undefined : parseEntry(before).cells[activeAt];
      }
      return serializeEntry({ outside, cells });
    },
    changesBetween(before, after, resource) {
      const now = parseEntry(after);
      if (before === undefined)
        return memberPaths.flatMap((path) =>
          itemChanges(path, [], listOf(cellAt(now, path).cell), rawAt(resource, path)),
        );
      const old = parseEntry(before);
      return [...new Set(columns.map(({ path }) => path))].flatMap((path) =>
        changeAt(path, old, now, resource),
      );
    },
    changesOnDelete(before) {
      const old = parseEntry(before);
      return memberPaths.flatMap((path) => itemChanges(path, listOf(cellAt(old, path).cell), [], undefined));
    },
    membersOf(entry) {
      const parsed = parseEntry(entry);
      return memberPaths.flatMap((path) => listOf(cellAt(parsed, path).cell));
    },
    subjectOf: (id, entry) => subjectOf(rememberedOf(id, parseEntry(entry))),
    outsideOf: (entry) => parseEntry(entry).outside,
    pathsOf(entry) {
      const { cells } = parseEntry(entry);
      return columns.flatMap(({ path }, index) => (cells[index] === undefined ? [] : [path]));
    },
    pathsIn(resource) {
      const cells = cellsOf(resource);
      return columns.flatMap(({ path }, index) => (cells[index] === undefined ? [] : [path]));
    },
    isShown: (path) => columns.some((column, index) => column.path === path && shown[index] === true),
    lostBetween(before, after) {
      const [old, now] = [parseEntry(before), parseEntry(after)];
      const lost = new Map<string, number>();
      for (const { path } of columns) {
        const { cell } = cellAt(old, path);
        if (cell === undefined || cellAt(now, path).cell !== undefined) continue;
        lost.set(path, Array.isArray(cell) ? cell.length : 1);
      }
      return lost;
    },
    withValuesOf(before, after, paths) {
      const old = parseEntry(before);
      const { cells } = parseEntry(after);
      const kept = columns.map(({ path }, index) => (paths.has(path) ? old.cells[index] : cells[index]));
      return serializeEntry({ outside: old.outside, cells: kept });
    },
    columns: () => columns.map(({ path, kept: how }) => ({ path, kept: how })),
  };

  function rememberedOf(id: string, entry: Entry): Resource {
    const resource: Record<string, unknown> = { id };
    for (const path of retainedAttributes) {
      const { cell, kept: how } = cellAt(entry, path);
      if (cell === undefined || how === 'print') continue;
      const value = how === 'items' ? listOf(cell).map((key) => ({ value: key })) : cell;
      setAt(resource, columnAt(path)?.jsonPath ?? [path], value);
    }
    return resource as Resource;
  }
}

function keep(kept: StorageMode, value: unknown, attribute: Attribute | undefined): unknown {
  if (kept === 'items') {
    const keys = (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).map(
      keyOfItem,
    );
    return keys.length === 0 ? undefined : [...new Set(keys)].sort();
  }
  const plain = canonical(value, attribute);
  if (plain === undefined || kept === 'value') return plain;
  return shortFingerprint(JSON.stringify(plain));
}

/** One change per added or removed item, so that consumers do not have to compare lists. */
function itemChanges(
  path: string,
  before: readonly string[],
  after: readonly string[],
  raw: unknown,
): readonly EventChange[] {
  const items = new Map((Array.isArray(raw) ? raw : [raw]).map((item) => [keyOfItem(item), item]));
  const stayed = path === 'members' ? respelled(before, after) : new Set<string>();
  return diffItems(
    path,
    new Map(before.filter((key) => !stayed.has(key)).map((key) => [key, { value: key }])),
    new Map(after.filter((key) => !stayed.has(key)).map((key) => [key, items.get(key) ?? { value: key }])),
  ).map(changeOfDifference);
}

/** Some providers change the case of IDs: a member that leaves and joins in another case has stayed. */
function respelled(before: readonly string[], after: readonly string[]): ReadonlySet<string> {
  const was = new Set(before);
  const is = new Set(after);
  const gone = new Map(before.filter((key) => !is.has(key)).map((key) => [key.toLowerCase(), key]));
  return new Set(
    after.flatMap((key) => {
      const known = was.has(key) ? undefined : gone.get(key.toLowerCase());
      return known === undefined ? [] : [known, key];
    }),
  );
}

function listOf(cell: unknown): readonly string[] {
  return Array.isArray(cell) ? cell : [];
}
