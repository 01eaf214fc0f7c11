import { Command } from 'commander';
import { type DefinitionOptions, definitionOf } from '../context.ts';
import { overlayOption } from '../options.ts';
import { printList } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall actions`: lists the actions. */
export function actionsCommand(terminal: Terminal): Command {
  return new Command('actions')
    .description('list the actions')
    .addOption(overlayOption())
    .option('--json', 'print JSON')
    .action((options: DefinitionOptions & { json?: boolean }) => {
      const { actions } = definitionOf(options);
      const list = {
        entries: actions.map(({ key, title, group, description, effect, idempotent }) => ({
          key,
          title,
          group,
          description,
          effect,
          idempotent,
        })),
        heads: ['action', 'group', 'description'],
        rows: actions.map(({ key, group, description }) => [key, group, description]),
        hint: 'rolecall describe ACTION shows the fields, and rolecall run ACTION runs it.',
      };
      printList(list, terminal, options.json === true);
    });
}
