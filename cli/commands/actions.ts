import { Command } from 'commander';
import { type DefinitionOptions, definitionOf } from '../context.ts';
import { overlayOption } from '../overlay-option.ts';
import { printList } from '../print-list.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall actions`: what can be run. */
export function actionsCommand(terminal: Terminal): Command {
  return new Command('actions')
    .description('list the actions')
    .addOption(overlayOption())
    .option('--json', 'print JSON')
    .action((options: DefinitionOptions & { json?: boolean }) => {
      const { actions } = definitionOf(options);
      const list = {
        entries: actions.map(({ key, title, group, description, idempotent }) => ({
          key,
          title,
          group,
          description,
          idempotent,
        })),
        heads: ['action', 'group', 'what it does'],
        rows: actions.map(({ key, group, description }) => [key, group, description]),
        hint: 'rolecall describe ACTION shows the fields of one.',
      };
      printList(list, terminal, options.json === true);
    });
}
