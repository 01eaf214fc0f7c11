import { readFileSync } from 'node:fs';
import { type HostRow, hostTable, type ParityColumn, parityColumns } from '../../test/hosts/parity-table.ts';
import { withTable } from './with-table.ts';

/** docs/hosts/parity.md with the table of what every host is compared in. */
export function hostsPage(): string {
  const hosts: readonly HostRow[] = Object.values(hostTable);
  const columns = Object.entries(parityColumns) as [ParityColumn, string][];
  return withTable(readFileSync('docs/hosts/parity.md', 'utf8'), 'parity', [
    ['what is compared', ...hosts.map(({ title }) => title)],
    ...columns.map(([column, title]) => [title, ...hosts.map((host) => cell(host, column))]),
  ]);
}

function cell(host: HostRow, column: ParityColumn): string {
  const { deadlineInMs, eventsPerPoll, stateCharacters } = host;
  const reason = host.cannot[column];
  if (reason !== undefined) return `can't, because ${reason}`;
  if (column === 'deadline') return `${deadlineInMs / 1_000} seconds`;
  if (column === 'page') return eventsPerPoll.map((count) => count.toLocaleString('en-US')).join(', then ');
  if (column === 'state') return `${stateCharacters.toLocaleString('en-US')} characters`;
  return 'yes';
}
