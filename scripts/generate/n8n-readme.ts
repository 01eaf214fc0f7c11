import { readFileSync } from 'node:fs';
import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { titleCase } from '../../hosts/kit/title-case.ts';
import { actionProperties } from '../../hosts/n8n/form/action-properties.ts';
import type { N8nOption } from '../../hosts/n8n/form/n8n-property.ts';
import { parameterNames } from '../../hosts/n8n/parameter-names.ts';
import { type Row, withTable } from './with-table.ts';

/** The README of n8n's node package. */
export const n8nReadmePath = 'hosts/n8n/package/README.md';

const changelog = 'https://github.com/rolecall/rolecall/blob/main/CHANGELOG.md';

/** That README with the names of the operations, triggers, and event sources in n8n, and the versions, between its markers. */
export function n8nReadme(definition: ConnectorDefinition): string {
  const { triggers, sources } = definition;
  const tables: Readonly<Record<string, readonly Row[]>> = {
    operations: [['resource', 'operation', 'what it does'], ...operations(definition)],
    triggers: [
      ['Trigger On', 'when it starts the workflow'],
      ...triggers.map(({ title, description }) => [titleCase(title), description]),
    ],
    sources: [
      ['Event Source', 'what it does'],
      ...sources.map(({ title, description }) => [titleCase(title), description]),
    ],
    versions: [['version', 'changes'], ...versions()],
  };
  return Object.entries(tables).reduce(
    (text, [name, rows]) => withTable(text, name, rows),
    readFileSync(n8nReadmePath, 'utf8'),
  );
}

/** The versions of the changelog, newest first; before the first release, the version of the package. */
function versions(): readonly Row[] {
  const headings = readFileSync('CHANGELOG.md', 'utf8').matchAll(/^## (\d+\.\d+\.\d+\S*)$/gm);
  const released = [...headings].map(([, version = '']) => version);
  const all = released.length > 0 ? released : [JSON.parse(readFileSync('package.json', 'utf8')).version];
  return all.map((version, index) => [
    version,
    index === all.length - 1
      ? 'First version'
      : `[Changes of ${version}](${changelog}#${version.replaceAll('.', '')})`,
  ]);
}

function operations(definition: ConnectorDefinition): readonly Row[] {
  const properties = actionProperties(definition);
  const optionsOf = (name: string, resource?: unknown): readonly N8nOption[] =>
    properties
      .filter(
        ({ displayOptions }) => resource === undefined || displayOptions?.show?.resource?.includes(resource),
      )
      .filter((property) => property.name === name)
      .flatMap(({ options = [] }) => options as readonly N8nOption[]);
  return optionsOf(parameterNames.resource).flatMap((resource) =>
    optionsOf(parameterNames.operation, resource.value).map(({ name, description = '' }) => [
      resource.name,
      name,
      description,
    ]),
  );
}
