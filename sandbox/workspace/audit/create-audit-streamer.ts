import { setTimeout as pause } from 'node:timers/promises';
import { streamPauses, streamTimeoutInMs } from '../../assumptions.ts';
import { type StreamState, streamId, type WorkspaceData } from '../open-workspace-data.ts';
import { eventsAfter, type NumberedEvent } from './audit-event.ts';
import { showEvent } from './show-event.ts';

/** Delivers the audit log to the endpoint that is set, for as long as it runs. */
export interface AuditStreamer {
  /** Tells that there may be something to deliver. */
  wake(): void;
  /** Gives up the attempt that is under way, and resolves when nothing more is sent. */
  close(): Promise<void>;
}

/**
 * Makes a streamer. The audit log is its outbox, and a record tells how far it was delivered: each event is posted
 * until the endpoint answers 2xx, in order, over restarts. An answer that gets lost makes an event come twice, under
 * the same id.
 */
export function createAuditStreamer(data: WorkspaceData): AuditStreamer {
  const closing = new AbortController();
  let isAwake = false;
  let sleeper: (() => void) | undefined;

  function wake(): void {
    isAwake = true;
    sleeper?.();
  }

  function slept(): Promise<void> {
    return new Promise((resolve) => {
      sleeper = resolve;
      if (isAwake || closing.signal.aborted) resolve();
    });
  }

  async function run(): Promise<void> {
    let pauseInMs: number = streamPauses.firstInMs;
    while (!closing.signal.aborted) {
      isAwake = false;
      const stream = data.streams.get(streamId);
      const [event] = stream === undefined ? [] : eventsAfter(data, stream.deliveredTo);
      if (stream === undefined || event === undefined) {
        await slept();
        continue;
      }
      if (await deliver(stream, event)) {
        pauseInMs = streamPauses.firstInMs;
        continue;
      }
      await pause(pauseInMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
      pauseInMs = Math.min(pauseInMs * 2, streamPauses.longestInMs);
    }
  }

  async function deliver(stream: StreamState, event: NumberedEvent): Promise<boolean> {
    const isDelivered = await post(stream.url, event);
    // Meanwhile the stream may have been switched off, or sent elsewhere.
    const isCurrent = data.streams.get(streamId) === stream;
    if (!isDelivered || closing.signal.aborted) return !isCurrent;
    if (isCurrent) data.store.commit([data.streams.put(streamId, { ...stream, deliveredTo: event.id })]);
    return true;
  }

  async function post(url: string, event: NumberedEvent): Promise<boolean> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(showEvent(event, data.settings().rootEmail)),
        redirect: 'manual',
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(streamTimeoutInMs)]),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  const running = run();
  return {
    wake,
    close: () => {
      closing.abort();
      sleeper?.();
      return running;
    },
  };
}
