import { Command } from 'commander';
import { type DefinitionOptions, definitionOf } from '../context.ts';
import { overlayOption } from '../overlay-option.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall actions`: what can be run. */
export function actionsCommand(terminal: Terminal): Command {
  return new Command('actions')
    .description('list the actions')
    .addOption(overlayOption())
    .option('--json', 'print JSON')
    .action((options: DefinitionOptions & { json?: boolean }) => {
      const { actions } = definitionOf(options);
      if (options.json === true) {
        const rows = actions.map(({ key, title, group, description, safeToRepeat }) => ({
          key,
          title,
          group,
          description,
          safeToRepeat,
        }));
        terminal.out(JSON.stringify(rows));
        return;
      }
      const rows = actions.map(({ key, group, description }) => [key, group, description]);
      const lines = terminal.isScreen
        ? table(['action', 'group', 'what it does'], rows, terminal.columns)
        : rows.map((row) => row.join('\t'));
      for (const line of lines) terminal.out(line);
      if (terminal.isScreen) terminal.err('\nrolecall describe ACTION shows the fields of one.');
    });
}
