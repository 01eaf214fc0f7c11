import { afterAll, beforeAll } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import acme from '../../../examples/overlays/acme.json' with { type: 'json' };
import { ConnectorError } from '../../../runtime/index.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { describeHostParity } from '../host-parity.ts';
import { hostTable } from '../parity-table.ts';
import { asJobError } from './job-error.ts';
import { asRubyOutput, runStep } from './run-both.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

// The overlay is there as it is for a user: by its file alone. No test knows the action that it adds.
const overlays = [acme];
const definition = compileManifest(loadManifest(overlays));
const dryRunOf = (isDryRun: boolean) => (isDryRun ? ({ dryRun: true } as const) : undefined);

let ruby: RubyConnector;
beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
afterAll(() => ruby.close());

describeHostParity({
  row: hostTable.workato,
  overlays,
  sandbox: { userExtensions: acme.schemas as never },
  concurrency: 1,
  async run(connection, { key }, input, isDryRun) {
    // It has skipped waits, and is ahead of the provider.
    await ruby.ask({ do: 'reset' });
    const outcome = await runStep(ruby, definition, connection, [key, input, dryRunOf(isDryRun)]);
    return 'output' in outcome ? { result: outcome.output } : { error: textOf(outcome) };
  },
  expectedResult: (_, output, isDryRun) => asRubyOutput(output, dryRunOf(isDryRun)),
  expectedError(error) {
    if (!(error instanceof ConnectorError)) throw error;
    return textOf(asJobError(error, definition));
  },
  async poll(settings, key, closure = null) {
    const input = { startFrom: 'beginning', pageSize: 500 };
    const polled = (await ruby.value({ do: 'poll', key, input, closure, settings })) as {
      readonly events: readonly unknown[];
      readonly next_poll: unknown;
      readonly can_poll_more: boolean;
    };
    return { events: polled.events, state: polled.next_poll, more: polled.can_poll_more };
  },
  // It skips its waits, and not its sockets.
  shortTime: { timeoutInMs: 1_000, deadlineInMs: 3_000 },
});

function textOf({ code, message }: { readonly code: string; readonly message: string }): string {
  return `${code}: ${message}`;
}
