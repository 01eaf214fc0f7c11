import { Command } from 'commander';
import { definitionOf } from '../context.ts';
import { printList } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall sources`: lists the event sources, in addition to polls. */
export function sourcesCommand(terminal: Terminal): Command {
  return new Command('sources')
    .description('list the event sources, in addition to polls')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => {
      const { sources } = definitionOf({ overlay: [] });
      const list = {
        entries: sources.map(({ type, title, description }) => ({ type, title, description })),
        heads: ['source', 'sender'],
        rows: sources.map(({ type, description }) => [type, description]),
        hint: 'rolecall describe SOURCE shows the settings, and rolecall watch --source SOURCE receives the events.',
      };
      printList(list, terminal, json === true);
    });
}
