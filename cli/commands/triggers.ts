import { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

/** `rolecall triggers`: what a flow can start with. The manifest's language has no triggers yet, so there are none. */
export function triggersCommand(terminal: Terminal): Command {
  return new Command('triggers')
    .description('list the triggers')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => {
      if (json === true) terminal.out('[]');
      else terminal.err('This manifest declares no triggers.');
    });
}
