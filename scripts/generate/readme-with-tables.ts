import { readFileSync } from 'node:fs';
import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { hostHeads, hostRows } from '../../hosts/kit/host-rows.ts';
import { packagers } from '../../hosts/packagers.ts';
import { type Row, withTable } from './with-table.ts';

/** The README with each of its tables between its two markers. */
export function readmeWithTables({ actions, triggers, sources }: ConnectorDefinition): string {
  const tables: Readonly<Record<string, readonly Row[]>> = {
    actions: [
      ['action', 'what it does', 'safe to rerun'],
      ...actions.map(({ key, description, idempotent }) => [
        `\`${key}\``,
        description,
        idempotent ? 'yes' : 'no',
      ]),
    ],
    triggers: [
      ['trigger', 'what it reports'],
      ...triggers.map(({ key, description }) => [`\`${key}\``, description]),
    ],
    sources: [
      ['source', 'what it does'],
      ...sources.map(({ type, description }) => [`\`${type}\``, description]),
    ],
    hosts: [hostHeads, ...hostRows(packagers).map(([name = '', ...row]) => [`\`${name}\``, ...row])],
  };
  return Object.entries(tables).reduce(
    (text, [name, rows]) => withTable(text, name, rows),
    readFileSync('README.md', 'utf8'),
  );
}
