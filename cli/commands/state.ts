import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { approveHold, discardHold, type Hold, readHolds } from '../../runtime/watch/hold-events.ts';
import { readSignedApproval } from '../../runtime/watch/signed-approval.ts';
import type { WatchStore } from '../../runtime/watch/watch-store.ts';
import { UsageError } from '../errors.ts';
import { readSecretEnv } from '../secret-env.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall state`: shows what the state of a watch holds, and releases it. */
export function stateCommand(terminal: Terminal): Command {
  return new Command('state')
    .description('show what the state of a watch holds, and release it')
    .addCommand(showCommand(terminal))
    .addCommand(releaseCommand(terminal))
    .addCommand(skipCommand(terminal));
}

function showCommand(terminal: Terminal): Command {
  return new Command('show')
    .description('show the undelivered events, and the losses that the safeguard holds')
    .argument('<file>', 'the file of --state')
    .option('--json', 'print JSON')
    .action((file: string, { json }: { json?: boolean }) =>
      withState(file, async (store) => {
        const undelivered = await store.count();
        const holds = await readHolds(store);
        const lines =
          json === true
            ? [JSON.stringify({ undelivered, holds })]
            : [`Undelivered events: ${undelivered}`, ...holds.flatMap(formatHold)];
        for (const line of lines) terminal.out(line);
      }),
    );
}

interface ReleaseOptions {
  readonly approve?: string;
  readonly approval?: string;
  readonly approvalKeyEnv?: string;
}

function releaseCommand(terminal: Terminal): Command {
  return new Command('release')
    .description('let exactly the losses through that an ID names')
    .argument('<file>', 'the file of --state')
    .option('--approve <id>', 'the ID of a hold, as rolecall state show lists it')
    .option('--approval <file>', 'a signed approval instead, as JSON')
    .option('--approval-key-env <name>', 'the environment variable that holds the key of signed approvals')
    .action((file: string, options: ReleaseOptions) =>
      withState(file, async (store) => {
        const losses = await approveHold(store, await approvedId(options));
        terminal.err(`Approved ${counted(losses)}. The next run of the watch reports them.`);
      }),
    );
}

function skipCommand(terminal: Terminal): Command {
  return new Command('skip')
    .description('discard pushed events that the safeguard holds')
    .argument('<file>', 'the file of --state')
    .requiredOption('--held <id>', 'the ID of a hold of pushed events')
    .action((file: string, { held }: { held: string }) =>
      withState(file, async (store) => {
        terminal.err(`Discarded ${counted(await discardHold(store, held))}.`);
      }),
    );
}

/** @throws UsageError, and ConnectorError if a signed approval cannot be used */
async function approvedId({ approve, approval, approvalKeyEnv }: ReleaseOptions): Promise<string> {
  if (approval === undefined) {
    if (approve === undefined) throw new UsageError('--approve is missing. Pass the ID of a hold.');
    return approve;
  }
  if (approve !== undefined) throw new UsageError('--approve and --approval exclude each other. Omit one.');
  if (approvalKeyEnv === undefined)
    throw new UsageError('--approval-key-env is missing. Pass the name of the variable that holds the key.');
  const words = { option: '--approval-key-env', noun: 'key', example: 'APPROVAL_KEY' };
  const key = readSecretEnv(approvalKeyEnv, words);
  const text = await readFile(approval, 'utf8').catch(() => {
    throw new UsageError(`--approval cannot be read: ${approval}`);
  });
  const platform = createNodePlatform();
  try {
    return (await readSignedApproval(text, key, platform)).id;
  } finally {
    platform.close();
  }
}

async function withState(file: string, run: (store: WatchStore) => Promise<void>): Promise<void> {
  const exists = await readFile(file).then(
    () => true,
    () => false,
  );
  if (!exists) throw new UsageError(`There is no state ${file}. Pass the file of --state.`);
  const store = await openWatchStore(file);
  try {
    await run(store);
  } finally {
    store.close();
  }
}

/** What is held, with everybody whom it concerns. */
export function formatHold({ id, of, losses, waiting, heldSinceInMs }: Hold): readonly string[] {
  const since = new Date(heldSinceInMs).toISOString();
  return [
    '',
    `${id}: ${counted(losses.length)} of ${of}, held since ${since}`,
    ...losses.map(
      ({ subject, before, after }) => `  ${subject.resource} ${subject.name}: ${before} → ${after}`,
    ),
    ...(waiting === 0 ? [] : [`  ${waiting} later events wait behind them.`]),
  ];
}

function counted(losses: number): string {
  return losses === 1 ? '1 loss' : `${losses} losses`;
}
