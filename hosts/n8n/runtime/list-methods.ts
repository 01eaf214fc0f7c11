import type { ConnectorDefinition, Field } from '../../../connector/definition/definition.ts';
import { containsText, findResources, type ListEntry } from '../../kit/find-resources.ts';
import { resourceOfAction } from '../../kit/form-traits.ts';
import { titleCase } from '../../kit/title-case.ts';
import { type BulkColumn, bulkColumns } from '../form/bulk-columns.ts';
import { bulkResources } from '../form/bulk-form.ts';
import { optionsOf } from '../form/field-property.ts';
import { methodNames, parameterNames } from '../parameter-names.ts';
import type { N8nFunctions } from './n8n-functions.ts';
import type { N8nSession } from './n8n-session.ts';

/** Opens a session for a method of a form. */
type Open = (functions: N8nFunctions) => Promise<N8nSession>;

/** The entries of a list in n8n, each with the value to store. */
interface ListResult {
  readonly results: readonly ListEntry[];
}

type SearchMethod = (this: N8nFunctions, filter?: string) => Promise<ListResult>;
type OptionsMethod = (
  this: N8nFunctions,
) => Promise<readonly { name: string; value: string; description: string }[]>;

/** The methods that fill the lists of the forms: users, groups, and pick-lists with custom values. */
export function searchMethods(
  definition: ConnectorDefinition,
  open: Open,
): Readonly<Record<string, SearchMethod>> {
  const resources = Object.values(definition.resources).map((resource) => [
    methodNames.searchResource(resource.name),
    async function (this: N8nFunctions, filter = ''): Promise<ListResult> {
      const { session } = await open(this);
      return { results: await findResources(definition, resource, session, filter) };
    },
  ]);
  const pickLists = openPickLists(definition).map(({ field, path }) => [
    methodNames.searchPickList(path),
    async (filter = ''): Promise<ListResult> => ({
      results: optionsOf(field)
        .filter(({ name, value }) => containsText(`${name} ${value}`, filter))
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

type ColumnsMethod = (this: CurrentForm) => Promise<{ readonly fields: readonly BulkColumn[] }>;

/** The part of n8n's functions that reads a form that is being filled in. */
interface CurrentForm {
  getCurrentNodeParameter(name: string): unknown;
}

/** The methods that list the columns of the rows of a bulk action, for the selected operation. */
export function columnMethods(definition: ConnectorDefinition): Readonly<Record<string, ColumnsMethod>> {
  return Object.fromEntries(
    bulkResources(definition).map(({ value, rowActions }) => [
      methodNames.bulkColumns(value),
      async function (this: CurrentForm) {
        const operation = this.getCurrentNodeParameter(parameterNames.operation);
        const action = rowActions.find(({ action: { key } }) => key === operation)?.action;
        const resource = action && resourceOfAction(action, definition);
        return { fields: action && resource ? bulkColumns(resource, action) : [] };
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
