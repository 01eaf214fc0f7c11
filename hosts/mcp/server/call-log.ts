import { maskSecrets, secretAttributes } from '../../../actions/dry-run/mask-secrets.ts';
import type { Progress } from '../../../actions/operation.ts';
import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { canComeFromStop, hasPartsLeft } from '../parts-left.ts';
import { callTexts } from '../words.ts';
import type { CallOptions } from './call-limit.ts';

/** A call of an action that can change something. */
export interface LoggedCall {
  /** The ID of the call, such as `call-7`. */
  readonly call: string;
  /** The key of the action. */
  readonly action: string;
  /** The beginning of the input as JSON, without secrets. */
  readonly input: string;
  readonly startedAt: string;
  /** `stopped`: the client canceled the call, or its time was over; the result says what was done before. */
  readonly state: 'running' | 'done' | 'failed' | 'stopped';
  readonly progress?: Progress;
}

/** A call with what it returned, or its error. */
export type CallReport = LoggedCall & { readonly output?: unknown; readonly error?: unknown };

/** What became of the last calls: a client that gave up has no other way to learn it. */
export interface CallLog {
  /** Runs an action, and keeps what became of it. */
  record(
    action: string,
    input: unknown,
    options: CallOptions,
    run: (options: CallOptions) => Promise<unknown>,
  ): Promise<unknown>;
  /** The last calls, the newest first. Waits for those that are being stopped, until the signal aborts. */
  list(signal: AbortSignal): Promise<readonly LoggedCall[]>;
  /** One of them, with its result; undefined if it is not among the last ones. Waits as `list` does. */
  find(call: string, signal: AbortSignal): Promise<CallReport | undefined>;
}

interface Entry extends Omit<LoggedCall, 'progress'> {
  state: LoggedCall['state'];
  progress?: Progress;
  output?: unknown;
  error?: unknown;
  readonly signal: AbortSignal;
  /** The size of what it returned, in characters of JSON. */
  characters: number;
  ended: Promise<void>;
}

const mostInputCharacters = 200;

/** How much a log keeps. The calls before are forgotten. */
export interface CallLogLimits {
  readonly mostCalls: number;
  /** Of all results together, in characters of JSON. The last call is kept whatever its size. */
  readonly mostCharacters: number;
}

const usualLimits: CallLogLimits = { mostCalls: 50, mostCharacters: 10_000_000 };

/** Creates the log of a server, with its last calls. */
export function createCallLog(
  { resources }: ConnectorDefinition,
  { mostCalls, mostCharacters }: CallLogLimits = usualLimits,
): CallLog {
  const entries = new Map<string, Entry>();
  const secrets = secretAttributes(Object.values(resources));
  let count = 0;

  const begin = (action: string, input: unknown, signal: AbortSignal): Entry => {
    count += 1;
    const entry: Entry = {
      call: `call-${count}`,
      action,
      input: JSON.stringify(maskSecrets(input, secrets) ?? null).slice(0, mostInputCharacters),
      startedAt: new Date().toISOString(),
      state: 'running',
      signal,
      characters: 0,
      ended: Promise.resolve(),
    };
    entries.set(entry.call, entry);
    forgetOldest();
    return entry;
  };

  const forgetOldest = (): void => {
    let characters = [...entries.values()].reduce((sum, entry) => sum + entry.characters, 0);
    const last = `call-${count}`;
    for (const entry of entries.values()) {
      if (entries.size <= mostCalls && characters <= mostCharacters) break;
      if (entry.state === 'running' || entry.call === last) continue;
      entries.delete(entry.call);
      characters -= entry.characters;
    }
  };

  /** A run that is being stopped ends as soon as its requests have been aborted. */
  const stopping = async (until: AbortSignal): Promise<void> => {
    const ended = Promise.all(
      [...entries.values()].map((entry) => (entry.signal.aborted ? entry.ended : undefined)),
    );
    await Promise.race([ended, aborted(until)]);
  };

  return {
    async record(action, input, options, run) {
      const entry = begin(action, input, options.signal);
      const running = run({
        ...options,
        onProgress(progress) {
          entry.progress = progress;
          options.onProgress?.(progress);
        },
      });
      entry.ended = running.then(
        (output) => {
          entry.state = entry.signal.aborted && hasPartsLeft(output) ? 'stopped' : 'done';
          entry.output = output;
          entry.characters = JSON.stringify(output ?? null).length;
          forgetOldest();
        },
        (error) => {
          entry.state = entry.signal.aborted && canComeFromStop(error) ? 'stopped' : 'failed';
          entry.error = errorOf(error);
        },
      );
      return running;
    },
    async list(until) {
      await stopping(until);
      return [...entries.values()]
        .reverse()
        .map(({ output, error, signal, characters, ended, ...call }) => call);
    },
    async find(call, until) {
      await stopping(until);
      const entry = entries.get(call);
      if (entry === undefined) return undefined;
      const { signal, characters, ended, ...report } = entry;
      return report;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}

/** The error as JSON. A single request that was stopped has no error of its own. */
function errorOf(error: unknown): unknown {
  const known =
    error instanceof ConnectorError
      ? error
      : new ConnectorError('unavailable', { what: callTexts.lost, nextStep: callTexts.lostStep });
  return known.toJSON();
}
