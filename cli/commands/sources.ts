import { Command } from 'commander';
import { definitionOf } from '../context.ts';
import { printList } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall sources`: where events come from, next to polls. */
export function sourcesCommand(terminal: Terminal): Command {
  return new Command('sources')
    .description('list the sources of events, beside polls')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => {
      const { sources } = definitionOf({ overlay: [] });
      const list = {
        entries: sources.map(({ type, title, description }) => ({ type, title, description })),
        heads: ['source', 'who sends it'],
        rows: sources.map(({ type, description }) => [type, description]),
        hint: 'rolecall describe SOURCE shows its settings, and rolecall watch --source SOURCE takes its events.',
      };
      printList(list, terminal, json === true);
    });
}
