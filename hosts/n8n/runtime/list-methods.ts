import type {
  ConnectorDefinition,
  Field,
  ResourceDefinition,
} from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Resource } from '../../../connector/resource.ts';
import { optionsOf } from '../form/field-property.ts';
import { titleCase } from '../form/words.ts';
import { methodNames } from '../parameter-names.ts';
import type { N8nFunctions } from './n8n-functions.ts';
import type { N8nSession } from './n8n-session.ts';

/** Opens a session for a method of a form. */
type Open = (functions: N8nFunctions) => Promise<N8nSession>;

/** The entries of a list in n8n, each with the value to store. */
interface ListResult {
  readonly results: readonly { readonly name: string; readonly value: string }[];
}

type SearchMethod = (this: N8nFunctions, filter?: string) => Promise<ListResult>;
type OptionsMethod = (
  this: N8nFunctions,
) => Promise<readonly { name: string; value: string; description: string }[]>;

/** The maximum number of entries in a list; users find others by typing a part of the name. */
const shownEntries = 100;
/** The maximum number of resources to scan at a provider that cannot search by a part of the name. */
const readEntries = 1000;

/** The methods that fill the lists of the forms: users, groups, and pick-lists with custom values. */
export function searchMethods(
  definition: ConnectorDefinition,
  open: Open,
): Readonly<Record<string, SearchMethod>> {
  const resources = Object.values(definition.resources).map((resource) => [
    methodNames.searchResource(resource.name),
    async function (this: N8nFunctions, filter = ''): Promise<ListResult> {
      return searchResource(definition, resource, await open(this), filter);
    },
  ]);
  const pickLists = openPickLists(definition).map(({ field, path }) => [
    methodNames.searchPickList(path),
    async (filter = ''): Promise<ListResult> => ({
      results: optionsOf(field)
        .filter(({ name, value }) => contains(`${name} ${value}`, filter))
        .map(({ name, value }) => ({ name, value: String(value) })),
    }),
  ]);
  return Object.fromEntries([...resources, ...pickLists]);
}

/** The methods that list a provider's attributes that are not in the manifest. */
export function attributeMethods(
  { resources }: ConnectorDefinition,
  open: Open,
): Readonly<Record<string, OptionsMethod>> {
  return Object.fromEntries(
    Object.keys(resources).map((name) => [
      methodNames.customAttributes(name),
      async function (this: N8nFunctions) {
        const overlay = await (await open(this)).discover();
        return (overlay.resources?.[name]?.fields ?? []).map(({ title, help, attribute = '' }) => ({
          name: titleCase(title),
          value: attribute,
          description: help,
        }));
      },
    ]),
  );
}

/** A field that is selected from a list or entered as text, and the keys that lead to it. */
interface OpenPickList {
  readonly field: Field;
  readonly path: readonly string[];
}

function openPickLists({ actions, triggers }: ConnectorDefinition): readonly OpenPickList[] {
  return [...actions, ...triggers].flatMap(({ fields }) => openAmong(fields, []));
}

function openAmong(fields: readonly Field[], above: readonly string[]): readonly OpenPickList[] {
  return fields.flatMap((field) => {
    const path = [...above, field.key];
    const own = field.custom && field.pickList !== undefined ? [{ field, path }] : [];
    return [...own, ...openAmong(field.fields ?? [], path)];
  });
}

async function searchResource(
  { actions }: ConnectorDefinition,
  resource: ResourceDefinition,
  { session }: N8nSession,
  text: string,
): Promise<ListResult> {
  const action = actions.find(
    ({ operation }) => operation.type === 'search' && operation.resource === resource.name,
  );
  if (action === undefined) return { results: [] };
  const names = [...new Set(['displayName', ...resource.uniqueKeys])];
  const search = async (input: object): Promise<readonly Resource[]> => {
    const found = await session.runAction(action.key, { attributes: names, ...input });
    return (found as { resources: readonly Resource[] }).resources;
  };
  const entries = (found: readonly Resource[]): ListResult => ({
    results: found.map((one) => ({ name: labelOf(one, names), value: one.id })),
  });
  if (text === '') return entries(await search({ limit: shownEntries }));
  try {
    const filter = names.map((name) => `${name} co ${JSON.stringify(text)}`).join(' or ');
    return entries(await search({ filter, limit: shownEntries }));
  } catch (error) {
    // Many providers support only "eq".
    if (!(error instanceof ConnectorError) || !['invalid_input', 'unsupported'].includes(error.code))
      throw error;
    const found = await search({ limit: readEntries });
    return entries(found.filter((one) => contains(labelOf(one, names), text)).slice(0, shownEntries));
  }
}

/** "Ada Lovelace (ada@example.com)". */
function labelOf(resource: Resource, names: readonly string[]): string {
  const [first, second] = names
    .map((name) => resource[name])
    .filter((value) => typeof value === 'string' && value !== '');
  if (first === undefined) return resource.id;
  return second === undefined || second === first ? String(first) : `${first} (${second})`;
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
