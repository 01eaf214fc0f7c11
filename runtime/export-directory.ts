import type { ActionContext } from '../actions/operation.ts';
import type { ConnectorDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { invalidInput } from '../connector/errors.ts';
import { exportColumns } from '../report/export-columns.ts';
import { readDirectory } from '../report/read-directory.ts';
import { syncedResources } from '../sync/synced-resources.ts';
import { formatExport } from './format-export.ts';

/**
 * What an export has, and how it is written.
 *
 * @example
 * ```ts
 * const options: ExportOptions = { columns: ['userName', 'emails', 'active'], filter: 'department eq "Sales"' };
 * for await (const text of connector.export('users', options)) process.stdout.write(text);
 * ```
 */
export interface ExportOptions {
  /** Default: `csv`. */
  readonly format?: 'csv' | 'json' | 'ndjson' | undefined;
  /**
   * Attributes: fields (`department`), paths (`name.givenName`), or paths of lists (`phoneNumbers[type eq "work"].value`).
   * Default: for CSV the usual ones, for JSON whole resources.
   */
  readonly columns?: readonly string[] | undefined;
  /** Only those that match a SCIM filter. */
  readonly filter?: string | undefined;
  /** Between the cells of CSV. Default: a comma. */
  readonly separator?: ',' | ';' | '\t' | undefined;
  /** Begin CSV with a byte order mark, so that Excel reads it as UTF-8. */
  readonly bom?: boolean | undefined;
  /** Called at the end with each thing that the export may lack, as a sentence. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** Writes every user or group, a page at a time. @throws ConnectorError, also if a list ends early */
export async function* exportDirectory(
  context: ActionContext,
  what: 'users' | 'groups',
  { format = 'csv', columns: names, filter, separator = ',', bom = false, onNote }: ExportOptions,
): AsyncGenerator<string, void, undefined> {
  const definition = exportedResource(context.definition, what);
  const columns = exportColumns(definition, names);
  const isWhole = format !== 'csv' && names === undefined;
  const members = isWhole
    ? definition.attributes.some(({ name }) => name === 'members')
    : columns.some(({ name }) => /^members\b/.test(name));
  const pages = readDirectory(context, definition, { filter, members, onNote });
  yield* formatExport(pages, isWhole ? undefined : columns, { format, separator, bom });
}

function exportedResource(definition: ConnectorDefinition, what: unknown): ResourceDefinition {
  const { users, groups } = syncedResources(definition);
  if (what === 'users') return users;
  if (what !== 'groups') throw invalidInput([{ path: 'what', message: 'must be "users" or "groups"' }]);
  if (groups === undefined)
    throw invalidInput([{ path: 'what', message: 'must be "users": the manifest declares no groups' }]);
  return groups;
}
