import { Command } from 'commander';
import { type DefinitionOptions, definitionOf } from '../context.ts';
import { overlayOption } from '../options.ts';
import { printList } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall triggers`: lists the triggers. */
export function triggersCommand(terminal: Terminal): Command {
  return new Command('triggers')
    .description('list the triggers')
    .addOption(overlayOption())
    .option('--json', 'print JSON')
    .action((options: DefinitionOptions & { json?: boolean }) => {
      const { triggers } = definitionOf(options);
      const list = {
        entries: triggers.map(({ key, title, group, description, detect }) => ({
          key,
          title,
          group,
          description,
          resources: detect.resources,
          types: detect.types,
        })),
        heads: ['trigger', 'group', 'what it reports'],
        rows: triggers.map(({ key, group, description }) => [key, group, description]),
        hint: 'rolecall describe TRIGGER shows the fields, and rolecall watch TRIGGER prints the events.',
      };
      printList(list, terminal, options.json === true);
    });
}
