import type { Field } from '../../connector/definition/definition.ts';
import type { PickListOption } from '../../connector/manifest/field.zod.ts';
import { snakeCase } from './snake-case.ts';

/** The pick-lists of a connector: equal options share one name. */
export interface PickLists {
  /** The name of the pick-list with a field's options. New options get a new name. */
  nameOf(field: Field): string;
  /** The same for options that are not in a field of the manifest. */
  nameOfOptions(wanted: string, options: readonly PickListOption[]): string;
  /** All requested lists by name, in order of the first request. */
  all(): ReadonlyMap<string, readonly PickListOption[]>;
}

/** Creates an empty collection. */
export function createPickLists(): PickLists {
  const names = new Map<string, string>();
  const lists = new Map<string, readonly PickListOption[]>();
  const nameOfOptions: PickLists['nameOfOptions'] = (wanted, options) => {
    const content = JSON.stringify(options);
    const known = names.get(content);
    if (known !== undefined) return known;
    const name = freeName(wanted, lists);
    names.set(content, name);
    lists.set(name, options);
    return name;
  };
  return {
    // A list must not have the name of a Ruby method, such as `method`: `workato exec pick_lists.NAME` would fail.
    nameOf: ({ key, pickList = [] }) => nameOfOptions(`${snakeCase(key)}_options`, pickList),
    nameOfOptions,
    all: () => lists,
  };
}

function freeName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  for (let number = 2, name = wanted; ; number += 1) {
    if (!taken.has(name)) return name;
    name = `${wanted}_${number}`;
  }
}
