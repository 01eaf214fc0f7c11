// Watches a desired state in a process of its own, which a test kills.
import { watchDesired } from '../../cli/apply-watch.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { createConnector } from '../../runtime/index.ts';

interface Order {
  readonly baseUrl: string;
  readonly token: string;
  readonly desired: string;
  readonly journalDir: string;
}

const terminal: Terminal = {
  out: () => undefined,
  err: () => undefined,
  status: () => undefined,
  isScreen: false,
  isErrorScreen: false,
  columns: 80,
};

process.once('message', async ({ baseUrl, token, desired, journalDir }: Order) => {
  await using connector = createConnector({ baseUrl, token });
  const never = new AbortController().signal;
  const signals = { drain: never, abort: never, release: () => undefined };
  const options = { desired, journalDir, every: 20, approve: [], neverTouch: [], massChangeLimit: 1_000 };
  process.send?.('begun');
  await watchDesired(connector, options, terminal, signals);
});
