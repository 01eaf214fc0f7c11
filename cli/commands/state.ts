import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { ConnectorError } from '../../connector/errors.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { encryptStateFile, steerState } from '../../runtime/node/open-watch-store.ts';
import type { StateCommand, StateReport } from '../../runtime/node/steer-state.ts';
import type { Hold } from '../../runtime/watch/release-holds.ts';
import { readSignedApproval } from '../../runtime/watch/signed-approval.ts';
import type { DeliverySelection, FailedDelivery, SinkState } from '../../runtime/watch/watch-store.ts';
import { counted } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { readDuration } from '../options.ts';
import { readSecretEnv } from '../secret-env.ts';
import { readStateKeyEnv } from '../state-key.ts';
import { bold, type Terminal } from '../terminal.ts';

/** How many events and losses of each kind are printed; with `--json`, all of them are. */
const mostShown = 20;

interface SelectionOptions {
  readonly sink?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

interface ReleaseOptions extends SelectionOptions {
  readonly approve?: string;
  readonly approval?: string;
  readonly approvalKeyEnv?: string;
}

/** `rolecall state show|release|skip|replay|encrypt|rekey FILE`: shows and steers what a state has to deliver. */
export function stateCommand(terminal: Terminal): Command {
  const onlySink = (): Option => new Option('--sink <name>', 'only the deliveries to this sink');
  return new Command('state')
    .description('show and steer what the state of a watch has to deliver, while the watch runs or not')
    .addCommand(
      new Command('show')
        .description('show undelivered events, refused ones, dead letters, and what the safeguard holds')
        .argument('<file>', 'the file of --state')
        .option('--json', 'print JSON')
        .action((file: string, { json }: { readonly json?: boolean }) => show(file, json === true, terminal)),
    )
    .addCommand(
      new Command('release')
        .description('deliver refused events and dead letters now, or let held losses through')
        .argument('<file>', 'the file of --state')
        .argument('[event...]', 'the numbers of the events, as shown by "rolecall state show"')
        .addOption(onlySink())
        .option('--all', 'all refused events and dead letters')
        .addOption(
          new Option('--approve <id>', 'let exactly the held losses with this ID through').conflicts('all'),
        )
        .option('--approval <file>', 'a signed approval instead, as JSON')
        .option(
          '--approval-key-env <name>',
          'the environment variable that holds the key of signed approvals',
        )
        .option('--json', 'print JSON')
        .action(async (file: string, events: readonly string[], options: ReleaseOptions) => {
          const approval = await readApproval(options);
          const command = approval ?? { kind: 'release', selection: selectionOf(events, options) };
          await run(file, command, options, terminal);
        }),
    )
    .addCommand(
      new Command('skip')
        .description('give up events: they become dead letters. Dead letters are discarded')
        .argument('<file>', 'the file of --state')
        .argument('[event...]', 'the numbers of the events, as shown by "rolecall state show"')
        .addOption(onlySink())
        .option('--all', 'all events that are not delivered')
        .addOption(new Option('--held <id>', 'discard the held pushed events with this ID').conflicts('all'))
        .option('--json', 'print JSON')
        .action((file: string, events: readonly string[], options: SelectionOptions & { held?: string }) => {
          const { held } = options;
          const command: StateCommand =
            held === undefined
              ? { kind: 'skip', selection: selectionOf(events, options) }
              : { kind: 'discard', hold: held };
          return run(file, command, options, terminal);
        }),
    )
    .addCommand(
      new Command('replay')
        .description(
          'deliver events again that were delivered or given up since a time, as far as they are kept',
        )
        .argument('<file>', 'the file of --state')
        .requiredOption('--since <time>', 'a time such as 2026-11-26T08:00:00Z, or how long ago: 30m, 24h')
        .addOption(onlySink())
        .option('--json', 'print JSON')
        .action((file: string, options: SelectionOptions & { readonly since: string }) => {
          const sinceInMs = readSince(options.since, Date.now());
          const selection = { sink: options.sink };
          return run(file, { kind: 'replay', sinceInMs, selection }, options, terminal);
        }),
    )
    .addCommand(
      new Command('encrypt')
        .description('encrypt a state with the key in ROLECALL_STATE_KEY, while no watch runs on it')
        .argument('<file>', 'the file of --state')
        .action((file: string) => encrypt(file, { newKey: 'ROLECALL_STATE_KEY' }, terminal)),
    )
    .addCommand(
      new Command('rekey')
        .description(
          'encrypt a state with the key in ROLECALL_STATE_NEW_KEY instead of ROLECALL_STATE_KEY, while no watch runs on it',
        )
        .argument('<file>', 'the file of --state')
        .action((file: string) =>
          encrypt(file, { newKey: 'ROLECALL_STATE_NEW_KEY', oldKey: 'ROLECALL_STATE_KEY' }, terminal),
        ),
    )
    .addHelpText(
      'after',
      '\nThe key of an encrypted state is in ROLECALL_STATE_KEY, or in the file that ROLECALL_STATE_KEY_FILE names.\nCreate one with "openssl rand -base64 32".',
    );
}

function stateKey(): string | undefined {
  return readStateKeyEnv('ROLECALL_STATE_KEY');
}

type KeyVariable = Parameters<typeof readStateKeyEnv>[0];

/** @throws UsageError if a variable is not set */
async function encrypt(
  file: string,
  { newKey, oldKey }: { readonly newKey: KeyVariable; readonly oldKey?: KeyVariable },
  terminal: Terminal,
): Promise<void> {
  const previous = oldKey === undefined ? undefined : requireKey(oldKey);
  const isChanged = await encryptStateFile(file, requireKey(newKey), previous);
  terminal.out(isChanged ? `Encrypted: ${file}` : `Already encrypted with this key: ${file}`);
}

function requireKey(variable: KeyVariable): string {
  const key = readStateKeyEnv(variable);
  if (key !== undefined) return key;
  throw new UsageError(
    `${variable} is not set. Set it, or ${variable}_FILE, to a key. Create one with "openssl rand -base64 32".`,
  );
}

async function show(file: string, isJson: boolean, terminal: Terminal): Promise<void> {
  const limit = isJson ? Number.MAX_SAFE_INTEGER : mostShown;
  const report = (await steerState(file, { kind: 'show', limit }, stateKey())) as StateReport;
  if (isJson) {
    terminal.out(JSON.stringify(report));
    return;
  }
  const lines = [...report.sinks.flatMap(sinkLines), ...report.holds.flatMap(holdLines)];
  for (const line of lines.length === 0 ? [nothingToShow] : lines) terminal.out(line);
}

const nothingToShow = 'Every event is delivered, and nothing is held.';

const done: Readonly<Record<StateCommand['kind'], string>> = {
  show: 'Shown',
  release: 'Events released',
  skip: 'Events skipped',
  replay: 'Events to be delivered again',
  approve: 'Losses approved, which the watch reports next',
  discard: 'Losses discarded',
};

/** @throws ConnectorError `not_found` if the command names something that is not there */
async function run(
  file: string,
  command: StateCommand,
  { json, all }: SelectionOptions,
  terminal: Terminal,
): Promise<void> {
  const count = Number(await steerState(file, command, stateKey()));
  if (count === 0 && command.kind !== 'replay' && all !== true) {
    throw new ConnectorError('not_found', {
      what: 'None of these events is in that state.',
      nextStep: `List the events with "rolecall state show ${file}".`,
    });
  }
  if (json === true) terminal.out(JSON.stringify({ [command.kind]: count }));
  else terminal.out(`${done[command.kind]}: ${count}`);
}

/** @throws UsageError unless it names events, or all of them */
function selectionOf(events: readonly string[], { sink, all }: SelectionOptions): DeliverySelection {
  if (events.length > 0 === (all === true))
    throw new UsageError(
      'Pass the numbers of the events, --all, or the ID of a hold. "rolecall state show FILE" lists the events.',
    );
  const positions = events.map((text) => Number(text.replace(/^#/, '')));
  const wrong = positions.findIndex((position) => !Number.isSafeInteger(position) || position < 1);
  if (wrong >= 0) throw new UsageError(`"${events[wrong]}" is not the number of an event, such as 12.`);
  return { sink, positions: all === true ? undefined : positions };
}

/** Reads a time, or a duration before now. @throws UsageError */
function readSince(text: string, nowInMs: number): number {
  const atInMs = /^\d{4}-/.test(text) ? Date.parse(text) : nowInMs - readDuration(text);
  if (!Number.isNaN(atInMs)) return atInMs;
  throw new UsageError('--since must be a time such as 2026-11-26T08:00:00Z, or a duration such as 30m.');
}

function sinkLines({ sink, undelivered, waiting, failing, deadLetters }: SinkState): readonly string[] {
  return [
    bold(sink),
    `  ${undelivered} not delivered, ${waiting} of them wait for a refused event`,
    ...failing.map((one) => `  ${describe(one, 'refused')}`),
    ...deadLetters.map((one) => `  ${describe(one, 'dead letter')}`),
  ];
}

function describe({ position, trigger, text, failure }: FailedDelivery, state: string): string {
  const { type, resource, subject } = JSON.parse(text);
  const { attempts, firstFailedAtInMs, lastFailedAtInMs, message } = failure;
  const name = subject.userName ?? subject.displayName ?? subject.id;
  const times = `${attempts} attempts from ${timeOf(firstFailedAtInMs)} to ${timeOf(lastFailedAtInMs)}`;
  return `#${position} ${state}: ${type} ${resource} ${name}${trigger === undefined ? '' : ` (${trigger})`}, ${times}: ${message}`;
}

/** What is held, with everybody whom it concerns. */
function holdLines({ id, of, losses, waiting, heldSinceInMs }: Hold): readonly string[] {
  const held = counted(losses.length, 'loss', 'losses');
  return [
    '',
    `${id}: ${held} of ${of}, held since ${timeOf(heldSinceInMs)}`,
    ...losses.map(
      ({ subject, before, after }) => `  ${subject.resource} ${subject.name}: ${before} → ${after}`,
    ),
    ...(waiting === 0 ? [] : [`  ${waiting} later events wait behind them.`]),
  ];
}

function timeOf(atInMs: number): string {
  return new Date(atInMs).toISOString();
}

/** The approval of a hold, if there is one. @throws UsageError, and ConnectorError if a signed approval cannot be used */
async function readApproval({
  approve,
  approval,
  approvalKeyEnv,
}: ReleaseOptions): Promise<Extract<StateCommand, { kind: 'approve' }> | undefined> {
  if (approval === undefined) return approve === undefined ? undefined : { kind: 'approve', hold: approve };
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
    const { id, once } = await readSignedApproval(text, key, platform);
    return { kind: 'approve', hold: id, once };
  } finally {
    platform.close();
  }
}
