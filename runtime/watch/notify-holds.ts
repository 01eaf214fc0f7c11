import { OutageLog } from '../../connector/outage-log.ts';
import type { Platform } from '../../connector/platform.ts';
import { type RetryForeverOptions, retryForever } from './deliver.ts';
import { safeguardOrigin } from './hold-events.ts';
import { type Hold, readHolds } from './release-holds.ts';
import type { Sink } from './sink.ts';
import type { OutboxEntry, WatchStore } from './watch-store.ts';

/** The trigger of a notice, as the header `rolecall-trigger` names it. */
export const heldNotice = 'safeguard.held';

/** The number of losses that a notice lists. */
const mostListed = 10;
/** How often a watch looks for holds that nobody knows of yet. */
const everyInMs = 5_000;

/** What notifying needs. */
export interface NotifyOptions {
  readonly store: WatchStore;
  /** Receives each notice. Undefined: nobody is notified. */
  readonly sink: Sink | undefined;
  /** Whether the watch ends by itself: then the notices are sent once, at its end. */
  readonly isOnce: boolean;
  /** Ends the notices. The next watch of the store sends those that are missing. */
  readonly signal: AbortSignal;
  /** Aborts a notice that is being sent, too. */
  readonly abort: AbortSignal;
  readonly platform: Pick<Platform, 'log' | 'now' | 'random' | 'retry' | 'sleep'>;
}

/**
 * Notifies a person of holds for as long as a watch runs: when one begins, and whenever it has doubled. A hold stays in
 * the store until it is released, so that a notice that could not be sent is sent later.
 *
 * @param fail - ends the watch, if the store fails.
 */
export async function withNotices(
  options: NotifyOptions,
  watch: () => Promise<void>,
  fail: (error: unknown) => void,
): Promise<void> {
  const { sink, isOnce, platform } = options;
  if (sink === undefined) return watch();
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const notifying = isOnce ? undefined : notify({ ...options, signal }, sink).catch(fail);
  try {
    await watch();
  } finally {
    end.abort();
    await notifying;
    // The next watch sends what cannot be sent now.
    if (isOnce)
      await sendNotices(options, sink, openOutageLog(sink, platform)).catch(({ code, message }) =>
        platform.log({ level: 'warn', event: 'notice_failed', code, message }),
      );
  }
}

async function notify(options: NotifyOptions, sink: Sink): Promise<void> {
  const { signal, platform } = options;
  const outages = openOutageLog(sink, platform);
  try {
    while (!signal.aborted) {
      await sendNotices(options, sink, outages);
      await platform.sleep(everyInMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function openOutageLog(sink: Sink, platform: NotifyOptions['platform']): OutageLog {
  const about = { origin: sink.origin ?? heldNotice };
  return new OutageLog({ failed: 'notice_failed', ended: 'notice_recovered', about }, platform);
}

async function sendNotices(
  { store, isOnce, signal, abort, platform }: NotifyOptions,
  sink: Sink,
  outages: OutageLog,
): Promise<void> {
  for (const { of } of await readHolds(store)) {
    const page = `${of}/notified`;
    const send = async (): Promise<Hold | undefined> => {
      // While the receiver was down, the hold can have been released, or have grown.
      const hold = (await readHolds(store)).find((one) => one.of === of);
      const known = await store.pagesOf(safeguardOrigin).read(page);
      if (hold === undefined || (known !== undefined && !isNews(hold, JSON.parse(known)))) return undefined;
      const entry: OutboxEntry = { position: 0, trigger: heldNotice, text: JSON.stringify(noticeOf(hold)) };
      await sink.deliver([entry], abort);
      return hold;
    };
    const onFailure: RetryForeverOptions['onFailure'] = ({ code, message }, _, waitInMs) => {
      if (waitInMs !== undefined) outages.fail({ code, message, waitInMs });
    };
    const retries = { everyInMs, isOnce, signal, endsOn: () => false, onFailure };
    const sent = await retryForever(send, retries, platform);
    if (sent === undefined) continue;
    outages.end();
    const notified: Notified = { heldSinceInMs: sent.heldSinceInMs, losses: sent.losses.length };
    await store.append({
      origin: safeguardOrigin,
      events: [],
      admit(events, pages) {
        pages.write(page, JSON.stringify(notified));
        return events;
      },
    });
  }
}

/** What the last notice of a place said. */
interface Notified {
  readonly heldSinceInMs: number;
  readonly losses: number;
}

function isNews(hold: Hold, notified: Notified): boolean {
  return hold.heldSinceInMs > notified.heldSinceInMs || hold.losses.length >= 2 * notified.losses;
}

/** The body of a notice. */
function noticeOf({ id, of, losses, waiting, heldSinceInMs }: Hold): object {
  const counts: Record<string, number> = {};
  for (const { kind, count } of losses) counts[kind] = (counts[kind] ?? 0) + count;
  return {
    type: heldNotice,
    dedupeKey: `${heldNotice}/${of}/${id}`,
    occurredAt: new Date(heldSinceInMs).toISOString(),
    hold: { id, of, counts, waiting },
    affected: losses
      .slice(0, mostListed)
      .map(({ kind, subject, before, after }) => ({ kind, ...subject, before, after })),
  };
}
