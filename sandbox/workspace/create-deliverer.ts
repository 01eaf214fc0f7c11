import { setTimeout as pause } from 'node:timers/promises';
import { streamPauses, streamTimeoutInMs } from '../assumptions.ts';
import type { Change } from '../scim/resource/resource-record.ts';
import type { Store } from '../scim/store/store.ts';
import type { Bell } from './create-bell.ts';

/** Something to post to an endpoint until it is taken. */
export interface Parcel {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why an answer does not mean that the parcel was taken, as a sentence; undefined when it was. */
  faultOf(response: Response): Promise<string | undefined>;
  /** Whether it is still wanted there: meanwhile a stream may have been switched off, or sent elsewhere. */
  isCurrent(): boolean;
  /** What is committed once it was taken. */
  taken(): readonly Change[];
}

/** Delivers parcels, one at a time and in their order, for as long as it runs. */
export interface Deliverer {
  /** Why the last attempt failed; null when it succeeded, or before the first. */
  fault(): string | null;
  /** Gives up the attempt that is under way, and resolves when nothing more is sent. */
  close(): Promise<void>;
}

/** What {@link createDeliverer} is told. */
export interface DelivererOptions {
  readonly store: Store;
  /** Rings when there may be something to deliver. */
  readonly bell: Bell;
  /** The first of what waits; undefined when nothing does. */
  readonly next: () => Parcel | undefined;
}

/**
 * Makes a deliverer: each parcel is posted until it is taken, and only then the next. An answer that gets lost makes
 * a parcel come twice.
 */
export function createDeliverer({ store, bell, next }: DelivererOptions): Deliverer {
  const closing = new AbortController();
  let fault: string | undefined;

  async function run(): Promise<void> {
    let pauseInMs: number = streamPauses.firstInMs;
    while (!closing.signal.aborted) {
      const parcel = next();
      if (parcel === undefined) {
        await bell.next(closing.signal);
        continue;
      }
      if (await deliver(parcel)) {
        pauseInMs = streamPauses.firstInMs;
        continue;
      }
      await pause(pauseInMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
      pauseInMs = Math.min(pauseInMs * 2, streamPauses.longestInMs);
    }
  }

  async function deliver(parcel: Parcel): Promise<boolean> {
    fault = await post(parcel);
    const isCurrent = parcel.isCurrent();
    if (fault !== undefined || closing.signal.aborted) return !isCurrent;
    if (!isCurrent) return true;
    try {
      store.commit(parcel.taken());
      return true;
    } catch {
      // What cannot be kept as taken is delivered again, as after an answer that got lost.
      fault = 'The parcel was taken, but that could not be written down.';
      return false;
    }
  }

  async function post({ url, headers, body, faultOf }: Parcel): Promise<string | undefined> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(streamTimeoutInMs)]),
      });
      const found = await faultOf(response);
      if (!response.bodyUsed) await response.body?.cancel();
      return found;
    } catch (error) {
      return `There was no answer (${reasonOf(error)}).`;
    }
  }

  const running = run();
  return {
    fault: () => fault ?? null,
    close: () => {
      closing.abort();
      return running;
    },
  };
}

// fetch() keeps the reason, such as ECONNREFUSED, in the cause. A message could hold the URL with its secret.
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.name : 'unknown';
}
