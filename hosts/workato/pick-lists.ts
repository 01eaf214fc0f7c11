import type {
  ConnectorDefinition,
  Field,
  ResourceDefinition,
} from '../../connector/definition/definition.ts';
import type { PickListOption } from '../../connector/manifest/field.zod.ts';
import { lambda, printBody } from './lambdas.ts';
import { code, printText, type RubyValue, symbols } from './ruby.ts';
import { snakeCase } from './snake-case.ts';

/** The pick-lists of a connector: equal options share one name. */
export interface PickLists {
  /**
   * The name of the pick-list with a field's options. New options get a new name. If custom values are allowed, the
   * provider's own values of the field's attribute take their place.
   *
   * @param resource the resource type with the attribute
   */
  nameOf(field: Field, resource?: string): string;
  /** The same for options that are not in a field of the manifest. */
  nameOfOptions(wanted: string, options: readonly PickListOption[]): string;
  /** The name of the list of a provider's resources; undefined if no action lists them. */
  nameOfResources(resource: Pick<ResourceDefinition, 'name'>): string | undefined;
  /** All requested lists, in order of the first request. */
  entries(): RubyValue;
}

interface Options {
  readonly options: readonly PickListOption[];
  /** The attributes whose values these are, each with its resource type. */
  readonly attributes: Map<string, readonly [resource: string, path: string]>;
}

/** Creates an empty collection. */
export function createPickLists({ actions }: Pick<ConnectorDefinition, 'actions'>): PickLists {
  const names = new Map<string, string>();
  const lists = new Map<string, Options | { readonly action: string }>();
  const nameOfOptions: PickLists['nameOfOptions'] = (wanted, options) => {
    const content = JSON.stringify(options);
    const known = names.get(content);
    if (known !== undefined) return known;
    const name = freeName(wanted, lists);
    names.set(content, name);
    lists.set(name, { options, attributes: new Map() });
    return name;
  };
  return {
    nameOf({ key, pickList = [], custom, attribute }, resource) {
      // A list must not have the name of a Ruby method, such as `method`: `workato exec pick_lists.NAME` would fail.
      const name = nameOfOptions(`${snakeCase(key)}_options`, pickList);
      const list = lists.get(name);
      if (custom && attribute !== undefined && resource !== undefined && list && 'options' in list)
        list.attributes.set(`${resource} ${attribute}`, [resource, attribute]);
      return name;
    },
    nameOfOptions,
    nameOfResources({ name }) {
      const action = actions.find(
        ({ operation }) => operation.type === 'search' && operation.resource === name,
      );
      if (action === undefined) return undefined;
      const key = `${snakeCase(name)}_list`;
      lists.set(key, { action: action.key });
      return key;
    },
    entries: () =>
      symbols(
        Object.fromEntries(
          [...lists].map(([name, list]) => [name, 'options' in list ? ofOptions(list) : ofResources(list)]),
        ),
      ),
  };
}

function ofOptions({ options, attributes }: Options): RubyValue {
  const pairs = options.map(({ title, value }) => [title, value]);
  if (attributes.size === 0) return lambda(['connection'], pairs);
  const body = `attributes = ${printBody([...attributes.values()])}
known = ${printBody(pairs)}
call('canonical_options', connection, attributes, known)`;
  return lambda(['connection'], code(body, ['connection']));
}

function ofResources({ action }: { readonly action: string }): RubyValue {
  return lambda(
    ['connection'],
    code(`call('resource_options', connection, ${printText(action)})`, ['connection']),
  );
}

function freeName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  for (let number = 2, name = wanted; ; number += 1) {
    if (!taken.has(name)) return name;
    name = `${wanted}_${number}`;
  }
}
