import { ConnectorError, invalidInput } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { SourceType } from '../../../connector/manifest/source.zod.ts';
import type { Platform } from '../../../connector/platform.ts';
import { checkTexts } from '../../../schemas/check-texts.ts';
import { fill } from '../../../schemas/fill.ts';
import { formatTime, readTime } from '../../../scim/timestamps.ts';
import { senderTexts } from '../sender-texts.ts';
import type { PullReceiver } from '../source.ts';
import { readEach } from '../webhook-auth/request-checks.ts';
import { type LogCursor, readLogCursor } from './log-cursor.ts';

/** The settings of every log. */
export interface LogSettings {
  /** Where the first poll starts, as ISO 8601. Omitted: now. */
  readonly startAt?: string;
  readonly lookBackInSeconds: number;
}

/** One entry of a log. */
export interface LogEntry {
  readonly id: string;
  /** Undefined if the sender does not say. */
  readonly atInMs: number | undefined;
  /** As the sender shows it. */
  readonly content: unknown;
}

/** One page of a log. */
export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** The number of entries without an ID, which cannot be read. Default: none. */
  readonly unidentified?: number;
  /** Whether no page follows, as is the case for a page without entries. */
  readonly isLast: boolean;
  /** The sender's clock when it responded. */
  readonly answeredAtInMs: number | undefined;
}

/** Where a page begins: after an entry; otherwise at a time. */
export interface LogPosition {
  readonly fromInMs: number;
  readonly after: string | undefined;
}

/** The log of a sender, which it keeps for a while, and which is read page by page. */
export interface EventLog {
  readonly source: SourceType;
  /** The shortest time between two requests of one poll, so that a backlog stays below the sender's rate limit. */
  readonly spacingInMs: number;
  /** How long the sender keeps entries, if it rejects a request for older ones. */
  readonly retentionInMs?: number;
  /** @throws ConnectorError if the page cannot be fetched. */
  fetchPage(position: LogPosition, signal: AbortSignal | undefined): Promise<LogPage>;
  /** Maps an entry. @throws RejectedRequest if it cannot be read. */
  read(content: unknown): readonly ProvisioningEvent[];
}

/** Whether a list is the page of a log: entries have an ID, and one without it does not block the others. */
export function isLogPage<Entry>(
  data: unknown,
  hasId: (entry: unknown) => entry is Entry,
): data is readonly unknown[] {
  return Array.isArray(data) && (data.length === 0 || data.some(hasId));
}

/** One poll reads at most this number of pages, if they begin with the oldest entry. */
const pagesPerPoll = 10;

/** Pages that begin with the newest entry are read to the last one, because the oldest entry is reported first. */
const mostPages = 600;

/** An entry that was recorded while the request for it was on its way is within the retention. */
const retentionMarginInMs = 60_000;

/**
 * Opens a log. A poll reads what is new since the last one, and again what was recorded within the look-back before
 * that, because an entry can become visible late. The cursor knows which of these were read. Entries are reported in
 * the order of their times, whichever order the sender lists them in.
 */
export function openLog(
  platform: Pick<Platform, 'log' | 'now' | 'sleep'>,
  log: EventLog,
  { startAt, lookBackInSeconds }: LogSettings,
): PullReceiver {
  const { source } = log;
  const { log: write, now } = platform;
  const firstAtInMs = startAt === undefined ? undefined : timeOf(startAt);
  const lookBackInMs = lookBackInSeconds * 1000;

  const report = (entries: readonly LogEntry[]): readonly ProvisioningEvent[] =>
    readEach(
      entries,
      ({ content }) => log.read(content),
      // The log is kept by the sender: an entry that cannot be read must not block later ones.
      ({ reason }, { id }) =>
        write({ level: 'warn', event: 'event_ignored', source, id, why: reason.message }),
    );

  /** The time from which entries are requested. */
  const fromOf = (cursor: LogCursor | undefined): number => {
    const fromInMs =
      cursor === undefined
        ? (firstAtInMs ?? now() - lookBackInMs)
        : Math.max(cursor.startAtInMs, cursor.newestAtInMs - lookBackInMs);
    const oldestInMs =
      log.retentionInMs === undefined ? fromInMs : now() - log.retentionInMs + retentionMarginInMs;
    if (oldestInMs <= fromInMs) return fromInMs;
    // A quiet log has no newer entry than an old one, which does not mean that it has not been read since.
    const completeInMs =
      cursor?.completeAtInMs === undefined ? fromInMs : cursor.completeAtInMs - lookBackInMs;
    const missingFromInMs = Math.max(fromInMs, completeInMs);
    if (oldestInMs > missingFromInMs)
      write({
        level: 'warn',
        event: 'log_entries_expired',
        source,
        from: formatTime(missingFromInMs),
        to: formatTime(oldestInMs),
      });
    return oldestInMs;
  };

  return {
    async poll(kept, signal) {
      const before = readLogCursor(kept);
      const fromInMs = fromOf(before);
      const backlog = await readPages(
        log,
        platform,
        { fromInMs, after: before?.after ?? undefined },
        signal,
      ).catch((error: unknown) => {
        if (!before?.after || !isRefusedPosition(error)) throw error;
        // The entry that the page begins after is gone: what was read since is in `seen`.
        write({ level: 'warn', event: 'log_cursor_expired', source, from: formatTime(fromInMs) });
        return readPages(log, platform, { fromInMs, after: undefined }, signal);
      });
      const { nowInMs } = backlog;
      const startAtInMs = before?.startAtInMs ?? firstAtInMs ?? nowInMs;
      const seen = new Map(before?.seen);
      const fresh = backlog.entries.filter(
        ({ id, atInMs = nowInMs }) => !seen.has(id) && atInMs >= startAtInMs,
      );
      // A time in the future would hide every entry until then.
      const times = backlog.entries.map(({ atInMs = nowInMs }) => Math.min(atInMs, nowInMs));
      const newestAtInMs = Math.max(before?.newestAtInMs ?? startAtInMs, startAtInMs, ...times);
      for (const { id, atInMs = nowInMs } of backlog.entries) seen.set(id, atInMs);
      const completeAtInMs = backlog.after === undefined ? nowInMs : before?.completeAtInMs;
      const cursor: LogCursor = {
        version: 1,
        startAtInMs,
        newestAtInMs,
        ...(completeAtInMs !== undefined && { completeAtInMs }),
        after: backlog.after ?? null,
        seen: [...seen].filter(([, atInMs]) => atInMs >= newestAtInMs - lookBackInMs),
      };
      return {
        events: report(inOrder(fresh, nowInMs)),
        cursor,
        more: backlog.more,
        pages: new Map(),
      };
    },
    async testConnection() {
      await log.fetchPage({ fromInMs: fromOf(undefined), after: undefined }, undefined);
    },
  };
}

interface Backlog {
  /** The oldest first, as far as the sender's own order says so. */
  readonly entries: readonly LogEntry[];
  /** The entry that the next page begins after, if there is one. */
  readonly after: string | undefined;
  /** Whether the next page can be read at once. */
  readonly more: boolean;
  /** When the sender returned the first page. */
  readonly nowInMs: number;
}

async function readPages(
  log: EventLog,
  { log: write, now, sleep }: Pick<Platform, 'log' | 'now' | 'sleep'>,
  { fromInMs, after: startAfter }: LogPosition,
  signal: AbortSignal | undefined,
): Promise<Backlog> {
  const entries = new Map<string, LogEntry>();
  let after = startAfter;
  let nowInMs: number | undefined;
  for (let count = 1; ; count += 1) {
    if (count > 1) await sleep(log.spacingInMs, signal);
    let page: LogPage;
    try {
      page = await log.fetchPage({ fromInMs, after }, signal);
    } catch (error) {
      const isTransient = error instanceof ConnectorError && error.transient;
      if (nowInMs === undefined || !isTransient || directionOf(entries) <= 0) throw error;
      // What was read need not be read again. If the failure persists, the next poll fails with it.
      write({ level: 'debug', event: 'log_read_interrupted', source: log.source, code: error.code });
      return { entries: [...entries.values()], after, more: false, nowInMs };
    }
    nowInMs ??= senderTime(now(), page.answeredAtInMs);
    const { unidentified = 0 } = page;
    if (unidentified > 0)
      write({
        level: 'warn',
        event: 'event_ignored',
        source: log.source,
        why: 'it has no ID',
        count: unidentified,
      });
    const known = entries.size;
    for (const entry of page.entries) entries.set(entry.id, entry);
    const direction = directionOf(entries);
    if (page.isLast || page.entries.length === 0) {
      const all = [...entries.values()];
      return { entries: direction < 0 ? all.reverse() : all, after: undefined, more: false, nowInMs };
    }
    if (entries.size === known) throw repeated(known);
    if (count >= mostPages) throw tooMany(known);
    after = page.entries.at(-1)?.id;
    if (direction > 0 && count >= pagesPerPoll)
      return { entries: [...entries.values()], after, more: true, nowInMs };
  }
}

/** Above zero if entries are listed from the oldest to the newest, below zero for the reverse, zero if it is not known. */
function directionOf(entries: ReadonlyMap<string, LogEntry>): number {
  const all = [...entries.values()];
  return (all.at(-1)?.atInMs ?? 0) - (all[0]?.atInMs ?? 0);
}

function inOrder(entries: readonly LogEntry[], nowInMs: number): readonly LogEntry[] {
  return entries.toSorted((one, other) => (one.atInMs ?? nowInMs) - (other.atInMs ?? nowInMs));
}

/** The sender's time. Its `Date` counts whole seconds: within that second, ours is the more precise one. */
function senderTime(nowInMs: number, answeredAtInMs = nowInMs): number {
  return nowInMs >= answeredAtInMs && nowInMs < answeredAtInMs + 1000 ? nowInMs : answeredAtInMs;
}

/** Whether a sender refused a request because of its position. */
function isRefusedPosition(error: unknown): boolean {
  return error instanceof ConnectorError && (error.code === 'invalid_input' || error.code === 'not_found');
}

function timeOf(startAt: string): number {
  const ms = readTime(startAt);
  if (ms !== undefined) return ms;
  throw invalidInput([{ path: 'startAt', message: checkTexts.dateTime }]);
}

function repeated(count: number): ConnectorError {
  return new ConnectorError('provider_fault', {
    what: fill(senderTexts.samePage, { count }),
    nextStep: senderTexts.contactProvider,
    attempts: 1,
  });
}

function tooMany(count: number): ConnectorError {
  return new ConnectorError('unsupported', {
    what: fill(senderTexts.tooMany, { count }),
    nextStep: senderTexts.startLater,
    attempts: 1,
  });
}
