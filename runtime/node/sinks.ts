import { closeSync, fstatSync, fsyncSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { ConnectorError, invalidInput } from '../../connector/errors.ts';
import { isPrivate } from '../../connector/is-loopback.ts';
import type { LogEntry } from '../../connector/platform.ts';
import { type Sink, SinkClosed } from '../watch/sink.ts';
import type { OutboxEntry } from '../watch/watch-store.ts';
import {
  createWebhookSink,
  readWebhookSecret,
  type UrlProblem,
  webhookUrlProblem,
} from '../watch/webhook-sink.ts';
import { createNodePlatform } from './node-platform.ts';
import { assertPrivateHost, hasPublicAddress } from './private-hosts.ts';

const linesAtOnce = 100;
const stdout = 1;

/**
 * The sink that prints each event as one line of JSON to standard output. Events are acknowledged when they have left
 * the process: they are in the pipe, or on the disk.
 *
 * @example
 * ```ts
 * await connector.watch('provisioning_event', { store: 'all.state', sink: stdoutSink() });
 * ```
 */
export function stdoutSink(): Sink {
  if (!fstatSync(stdout).isFile()) return streamSink(process.stdout);
  let isFirst = true;
  return {
    origin: 'stdout',
    batchSize: linesAtOnce,
    async deliver(events) {
      if (isFirst) completeLastLine('/dev/stdout', stdout);
      isFirst = false;
      writeToFile(stdout, toLines(events));
      // An acknowledged event must not be in the memory of the system alone.
      fsyncSync(stdout);
    },
  };
}

/**
 * The sink that writes each event as one line of JSON to a stream. Events are acknowledged when the stream has written
 * them. A broken pipe ends the watch without an error.
 *
 * @example
 * ```ts
 * import { createWriteStream } from 'node:fs';
 * import { streamSink, watchSources } from 'rolecall';
 *
 * const sink = streamSink(createWriteStream('events.jsonl', { flags: 'a', flush: true }));
 * ```
 */
export function streamSink(stream: {
  write(text: string, done: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}): Sink {
  // Each failure reaches `write`, too.
  stream.on('error', () => undefined);
  return {
    origin: 'stream',
    batchSize: linesAtOnce,
    deliver: (events, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const abort = (): void => reject(signal.reason);
        signal.addEventListener('abort', abort, { once: true });
        stream.write(toLines(events), (error) => {
          signal.removeEventListener('abort', abort);
          if (error === null || error === undefined) resolve();
          else reject('code' in error && error.code === 'EPIPE' ? new SinkClosed() : error);
        });
      }),
  };
}

/**
 * The sink that appends each event as one line of JSON to a file, which only its owner can read if it is new. Events are
 * acknowledged when they are on disk. If the file was moved or deleted, as by a log rotation, a new one is created at the
 * path. While the file cannot be written, the events wait.
 *
 * @example
 * ```ts
 * await connector.watch('provisioning_event', { store: 'all.state', sink: fileSink('/var/log/rolecall/events.jsonl') });
 * ```
 */
export function fileSink(path: string): Sink {
  let open: { readonly descriptor: number; readonly identity: string } | undefined;
  const close = (): void => {
    if (open !== undefined) closeSync(open.descriptor);
    open = undefined;
  };
  return {
    origin: path,
    batchSize: linesAtOnce,
    async deliver(events) {
      try {
        if (open?.identity !== identityAt(path)) close();
        if (open === undefined) {
          const descriptor = openSync(path, 'a', 0o600);
          open = { descriptor, identity: identityOf(fstatSync(descriptor)) };
          completeLastLine(path, descriptor);
        }
        writeToFile(open.descriptor, toLines(events));
        fsyncSync(open.descriptor);
      } catch (cause) {
        // A part of a line may be written. It is completed when the file is opened again.
        close();
        throw new ConnectorError('unavailable', {
          what: `The events cannot be written to ${path} (${cause instanceof Error ? cause.message : cause}).`,
          nextStep: 'Check the permissions of the file and its folder, and the space on the disk.',
          cause,
        });
      }
    },
  };
}

function identityOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}

function identityAt(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : identityOf(stats);
}

function toLines(events: readonly OutboxEntry[]): string {
  return events.map(({ text }) => `${text}\n`).join('');
}

// Node writes to a file once, and ignores that a full disk accepts only a part.
function writeToFile(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

/**
 * Ends the line in which an earlier process was killed, so that the event, which is delivered again, does not follow
 * its own torn beginning. Where the file cannot be read, which `>>` does not require, it stays as it is.
 */
function completeLastLine(path: string, descriptor: number): void {
  const last = Buffer.alloc(1);
  try {
    const readable = openSync(path, 'r');
    try {
      const { size } = fstatSync(readable);
      if (size === 0) return;
      readSync(readable, last, 0, 1, size - 1);
    } finally {
      closeSync(readable);
    }
  } catch {
    return;
  }
  if (last.toString() !== '\n') writeSync(descriptor, '\n');
}

/**
 * Options of {@link webhookSink}.
 *
 * @example
 * ```ts
 * const options: WebhookSinkOptions = {
 *   url: 'https://flows.example.com/hook',
 *   secrets: (process.env.WEBHOOK_SECRETS ?? '').split(' '), // two during rotation
 * };
 * ```
 */
export interface WebhookSinkOptions {
  /** An `https` URL, or one of this machine. */
  readonly url: string;
  /**
   * Also accepts an `http` URL of another machine in a private network: events can then be read in transit, and only
   * their signature protects them from being changed. A public address is refused, also of a name when an event is sent.
   * Default: false.
   */
  readonly allowPlainHttp?: boolean | undefined;
  /** The secrets that sign, in the format of Standard Webhooks: `whsec_…`. Several during rotation. */
  readonly secrets: readonly string[];
  /** How long one attempt may take, in milliseconds. Default: 30,000. */
  readonly timeoutInMs?: number | undefined;
  /** How long attempts and their waits may take before a failure is logged as a warning, in milliseconds. Default: 120,000. */
  readonly deadlineInMs?: number | undefined;
  /**
   * The largest response that is read, in bytes. With a larger one, the connection is closed; its status counts. Default:
   * 1 MiB.
   */
  readonly maxResponseBytes?: number | undefined;
  /** Receives the log. Default: nothing is logged. */
  readonly log?: ((entry: LogEntry) => void) | undefined;
}

const urlMessages: Readonly<Record<UrlProblem, string>> = {
  invalid: 'must be a full URL that starts with https://',
  unencrypted: 'must start with https:// (only localhost may use http://, unless `allowPlainHttp` is set)',
  public: 'must start with https://, because it has a public address: plain http is for private networks',
  credentials: 'must not contain a username or password: the receiver verifies the signature instead',
};

/**
 * The sink that posts each event, signed according to [Standard Webhooks](https://www.standardwebhooks.com). A 2xx
 * response acknowledges the event. After any other one, or none, it is posted again, with the same `webhook-id`. Statuses
 * 400, 413, and 422 refuse this one event: only the events of the same user or group wait for it. After any other status,
 * it depends on whether other events get through.
 *
 * @throws ConnectorError `invalid_input`
 *
 * @example
 * ```ts
 * const sink = webhookSink({ url: 'https://flows.example.com/hook', secrets: [process.env.WEBHOOK_SECRET ?? ''] });
 * await connector.watch('user_deprovisioned', { store: 'leavers.state', sink });
 * ```
 */
export function webhookSink({
  url,
  allowPlainHttp = false,
  secrets,
  timeoutInMs = 30_000,
  deadlineInMs = 120_000,
  maxResponseBytes = 1_048_576,
  log,
}: WebhookSinkOptions): Sink {
  const problems = [
    ...[webhookUrlProblem(url, allowPlainHttp ? hasPublicAddress : undefined)].flatMap((problem) =>
      problem === undefined ? [] : [{ path: 'url', message: urlMessages[problem] }],
    ),
    ...(secrets.length > 0 && secrets.every((secret) => readWebhookSecret(secret) !== undefined)
      ? []
      : [{ path: 'secrets', message: 'must be whsec_ followed by 24 to 64 bytes in base64' }]),
  ];
  if (problems.length > 0) throw invalidInput(problems);
  const keys = secrets.flatMap((secret) => readWebhookSecret(secret) ?? []);
  const sink = createWebhookSink(
    { url, secrets: keys, timeoutInMs, deadlineInMs, maxResponseBytes },
    createNodePlatform({ log }),
  );
  if (isPrivate(new URL(url))) return sink;
  return {
    ...sink,
    async deliver(events, signal) {
      await assertPrivateHost(url);
      await sink.deliver(events, signal);
    },
  };
}
