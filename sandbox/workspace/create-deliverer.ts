import { setTimeout as pause } from 'node:timers/promises';
import { streamPauses, streamTimeoutInMs } from '../assumptions.ts';
import type { Change } from '../scim/resource/resource-record.ts';
import type { Store } from '../scim/store/store.ts';
import type { Bell } from './create-bell.ts';

/** Something to post to an endpoint until it is accepted. */
export interface Parcel {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why a response does not accept the parcel, as a sentence; undefined if it does. */
  faultOf(response: Response): Promise<string | undefined>;
  /** Whether it is still to be delivered: the stream may have been closed or given another URL. */
  isCurrent(): boolean;
  /** The changes to commit once it is accepted. */
  taken(): readonly Change[];
}

/** Delivers parcels in order, one at a time, while it runs. */
export interface Deliverer {
  /** The error of the last attempt; null if it succeeded, or before the first. */
  fault(): string | null;
  /** Aborts the current attempt, and resolves when nothing more is sent. */
  close(): Promise<void>;
}

/** The options of {@link createDeliverer}. */
export interface DelivererOptions {
  readonly store: Store;
  /** Rings when there can be something to deliver. */
  readonly bell: Bell;
  /** The first pending parcel; undefined if nothing is pending. */
  readonly next: () => Parcel | undefined;
}

/**
 * Creates a deliverer: each parcel is posted until it is accepted, and only then the next. A lost response repeats
 * a parcel.
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
      // If the acceptance cannot be stored, the parcel is delivered again, as after a lost response.
      fault = 'The parcel was accepted, but this could not be stored.';
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
      return `There was no response (${reasonOf(error)}).`;
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

// fetch() has the reason, such as ECONNREFUSED, in the cause. The message can contain the URL with its secret.
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? cause.name : 'unknown';
}
