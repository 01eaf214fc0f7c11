import { runCommand } from '../../../cli/commands/run.ts';
import { ExitStatus } from '../../../cli/errors.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import { createConnector } from '../../../runtime/index.ts';
import { describeHostParity } from '../host-parity.ts';
import { hostTable } from '../parity-table.ts';

const variable = 'ROLECALL_PARITY_TOKEN';

describeHostParity({
  row: hostTable.node,
  async run({ baseUrl, token, ...limits }, { key }, input, dryRun) {
    const lines: string[] = [];
    const terminal: Terminal = {
      out: (line) => lines.push(line),
      err: () => undefined,
      status: () => undefined,
      ...{ isScreen: false, isErrorScreen: false, columns: 80 },
    };
    process.env[variable] = token;
    const set = Object.entries(limits).flatMap(([field, value]) => ['--set', `${field}=${value}`]);
    const args = [
      key,
      '--input',
      JSON.stringify(input),
      '--base-url',
      baseUrl,
      '--token-env',
      variable,
      ...set,
    ];
    try {
      await runCommand(terminal).parseAsync([...args, '--json', ...(dryRun ? ['--dry-run'] : [])], {
        from: 'user',
      });
    } catch (error) {
      // Failed rows end the command with a status of their own, after their results.
      if (!(error instanceof ExitStatus)) return { error: (error as Error).message };
    } finally {
      delete process.env[variable];
    }
    return { result: JSON.parse(lines.join('')) };
  },
  expectedError: (error) => (error as Error).message,
  async poll(connection, trigger, state) {
    await using connector = createConnector(connection);
    const { events, cursor, more } = await connector.poll(trigger, { startFrom: 'beginning' }, state);
    return { events, state: cursor, more };
  },
});
