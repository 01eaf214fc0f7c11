import type { Field } from '../../connector/definition/definition.ts';
import type { PickListOption } from '../../connector/manifest/manifest.zod.ts';
import { snakeCase } from './snake-case.ts';

/** The pick-lists of a connector: the same options have one name, wherever they are used. */
export interface PickLists {
  /** The name under which a field's options stand; a new one is made when they are new. */
  nameOf(field: Field): string;
  /** The same for options that no field of the manifest has. */
  nameOfOptions(wanted: string, options: readonly PickListOption[]): string;
  /** Every list that was asked for, by name, in the order in which they came. */
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
    nameOf: ({ key, pickList = [] }) => nameOfOptions(snakeCase(key), pickList),
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
