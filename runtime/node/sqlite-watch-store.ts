import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { claimTriggers, deduplicate, type EventMemory, isSelected, laneKeys } from '../watch/store-rules.ts';
import {
  deduplicationWindowInDays,
  defaultSink,
  type EventSelection,
  type HoldPages,
  type OutboxEntry,
  type WatchStore,
} from '../watch/watch-store.ts';
import { createFailures } from './sqlite-failures.ts';
import { createLanes, type Row, storedLaneKeys, undeliveredStates } from './sqlite-lanes.ts';
import { createSinks, dropOrphanedEvents } from './sqlite-sinks.ts';
import type { StateCipher, StateRow } from './state-cipher.ts';
import { stateError, stateReplaced } from './state-error.ts';

/** What a store in a database needs, in addition to the database. */
export interface StoreSettings {
  /** The file, for errors. */
  readonly file: string;
  readonly cipher: StateCipher;
  now(): number;
  /** How long a delivered event is kept for a replay, in milliseconds. */
  readonly replayWindowInMs: number;
  /** The largest number of delivered events that are kept for a replay. */
  readonly mostReplayedEvents: number;
  /** Called after the database is closed. */
  release(): void;
}

const dayInMs = 86_400_000;
/** Delivered events are dropped in groups, since each search for them costs as much. */
const acknowledgedBetweenPrunes = 500;
/** With fewer unused pages, a file is not worth shrinking. */
const sparePages = 64;

/** Stores everything as it is. */
export const plainCipher: StateCipher = {
  seal: (_, value) => value,
  openText: (_, stored) => String(stored),
  openBytes: (_, stored) => stored as Uint8Array,
  name: (name) => name,
  digest: (digest) => digest,
};

// Which columns of a state are sealed, by the row that they are sealed for. All others have no personal data: the keys
// of triggers, the names and states of deliveries, numbers, and times.

/** Of `cursor.cursor`. */
export function cursorRow(origin: string): StateRow {
  return ['cursor', origin];
}

/** Of `page.content`. */
export function pageRow(origin: string, name: string): StateRow {
  return ['page', origin, name];
}

/** Of `event.event`. */
export function eventRow({ position, trigger_key: trigger }: Row): StateRow {
  return ['event', Number(position), String(trigger ?? '')];
}

/** Creates the store over the tables of a state, whose version is the current one. */
export function createSqliteWatchStore(db: DatabaseSync, settings: StoreSettings): WatchStore {
  const { file, cipher, now, replayWindowInMs, mostReplayedEvents } = settings;
  const readOwners = db.prepare('SELECT trigger_key FROM owner');
  const addOwner = db.prepare('INSERT OR IGNORE INTO owner VALUES (?)');
  const readCursor = db.prepare('SELECT cursor FROM cursor WHERE origin = ?');
  const setCursor = db.prepare('INSERT OR REPLACE INTO cursor VALUES (?, ?)');
  const getPage = db.prepare('SELECT content FROM page WHERE origin = ? AND name = ?');
  const setPage = db.prepare('INSERT OR REPLACE INTO page VALUES (?, ?, ?)');
  const dropPage = db.prepare('DELETE FROM page WHERE origin = ? AND name = ?');
  const memory = createMemory(db, cipher, () => Math.floor(now() / dayInMs));
  const deliveries = createDeliveries(db, cipher, now);
  const { sinks, failures } = deliveries;

  const writeCursor = (given: string, cursor: unknown): void => {
    const origin = cipher.name(given);
    setCursor.run(origin, cipher.seal(cursorRow(origin), JSON.stringify(cursor)));
  };
  const readPage = (...given: readonly [origin: string, name: string]): string | undefined => {
    const [origin, name] = [cipher.name(given[0]), cipher.name(given[1])];
    const found = getPage.get(origin, name);
    if (found === undefined) return undefined;
    return brotliDecompressSync(cipher.openBytes(pageRow(origin, name), found.content)).toString();
  };
  const writePage = (givenOrigin: string, givenName: string, content: string | null): void => {
    const [origin, name] = [cipher.name(givenOrigin), cipher.name(givenName)];
    if (content === null) dropPage.run(origin, name);
    else setPage.run(origin, name, cipher.seal(pageRow(origin, name), pack(content)));
  };
  const heldPages: HoldPages = {
    read: (name) => readPage('safeguard', name),
    write: (name, content) => writePage('safeguard', name, content),
  };

  const guard = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw stateError(error, file);
    }
  };
  const listeners: (() => void)[] = [];
  const identity = identityOf(file);
  /** Runs one transaction. */
  const step = <T>(run: () => T): T =>
    guard(() => {
      db.exec('BEGIN');
      try {
        const result = run();
        // SQLite goes on in a deleted file, which ends with the process.
        if (identityOf(file) !== identity) throw stateReplaced(file);
        db.exec('COMMIT');
        return result;
      } catch (error) {
        rollBack(db);
        throw error;
      }
    });

  let acknowledgedSincePrune = acknowledgedBetweenPrunes;
  return {
    async claim(...triggers) {
      step(() => {
        const owners = readOwners.all().map(({ trigger_key: owner }) => String(owner));
        for (const owner of claimTriggers(owners, triggers)) if (!owners.includes(owner)) addOwner.run(owner);
      });
    },
    async claimSinks(...wanted) {
      step(() => sinks.claim(wanted));
    },
    async cursorOf(given) {
      const origin = cipher.name(given);
      return guard(() => {
        const found = readCursor.get(origin);
        return found && JSON.parse(cipher.openText(cursorRow(origin), found.cursor));
      });
    },
    pagesOf: (origin) => ({ read: async (name) => guard(() => readPage(origin, name)) }),
    async append(...batches) {
      step(() => {
        memory.prune();
        for (const batch of batches) {
          const { origin, trigger, cursor, pages = new Map<string, string | null>() } = batch;
          if (cursor !== undefined) writeCursor(origin, cursor);
          for (const [name, content] of pages) {
            writePage(origin, name, content);
          }
          for (const [name, selection] of batch.sinks ?? []) {
            if (selection === null) sinks.remove([name]);
            else sinks.set(name, selection);
          }
          // Polled events are new.
          const fresh = batch.shouldDeliver === undefined ? batch.events : deduplicate(batch, memory);
          for (const event of batch.admit?.(fresh, heldPages) ?? fresh) deliveries.add(event, trigger);
        }
      });
    },
    async undelivered(limit, sink = defaultSink) {
      return guard(() => deliveries.ready(sink, limit));
    },
    async count() {
      return guard(() => deliveries.count());
    },
    async acknowledge(positions, sink = defaultSink) {
      step(() => {
        for (const position of positions) deliveries.finish(sink, position);
        acknowledgedSincePrune += positions.length;
        if (acknowledgedSincePrune < acknowledgedBetweenPrunes && mostReplayedEvents > 0) return;
        deliveries.prune(now() - replayWindowInMs, mostReplayedEvents);
        acknowledgedSincePrune = 0;
      });
      if (guard(() => deliveries.isEmpty())) shrink(db);
    },
    async nextFailing(sink) {
      return guard(() =>
        deliveries.isFailing(sink)
          ? failures.list(sink, 'failing', 1, 'next_attempt_at_in_ms')[0]
          : undefined,
      );
    },
    async recordFailure(sink, position, failure) {
      step(() => failures.record(sink, position, failure));
    },
    async moveToDeadLetters(sink, position) {
      step(() => deliveries.bury(sink, position));
    },
    async sinkStates(limit) {
      return step(() => sinks.states(limit));
    },
    async release(selection) {
      return step(() => failures.release(selection));
    },
    async skip(selection) {
      return step(() => failures.skip(selection));
    },
    async replay(sinceInMs, selection) {
      return step(() => failures.replay(sinceInMs, selection));
    },
    onSteered: (listener) => void listeners.push(listener),
    steered() {
      for (const listener of listeners) listener();
    },
    close() {
      db.close();
      settings.release();
    },
  };
}

/** Identifies the file at a path, across renames of it. */
function identityOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.dev}:${stats.ino}`;
}

/** Sixteen bytes represent a name of any length: a state stays small, and two names do not collide by chance. */
export function digestOf(name: string): Uint8Array {
  return createHash('sha256').update(name).digest().subarray(0, 16);
}

/** The events and their deliveries. Each function is a part of a transaction. */
function createDeliveries(db: DatabaseSync, cipher: StateCipher, now: () => number) {
  const readSelections = db.prepare('SELECT name, selection FROM sink ORDER BY name');
  const readLastPosition = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event'");
  const addEvent = db.prepare('INSERT INTO event VALUES (?, ?, ?)');
  const readEvent = db.prepare('SELECT * FROM event WHERE position = ?');
  const dropEvent = db.prepare('DELETE FROM event WHERE position = ?');
  const addDelivery = db.prepare('INSERT OR REPLACE INTO delivery VALUES (?, ?, ?, ?)');
  const readState = db.prepare('SELECT state FROM delivery WHERE sink = ? AND position = ?');
  const dropDelivery = db.prepare('DELETE FROM delivery WHERE sink = ? AND position = ?');
  const readReady = db.prepare(
    `SELECT position, trigger_key, event FROM delivery JOIN event USING (position)
       WHERE sink = ? AND state = 'ready' ORDER BY position LIMIT ?`,
  );
  const anyDelivery = db.prepare('SELECT 1 FROM delivery WHERE position = ? LIMIT 1');
  const anyUndelivered = db.prepare(
    `SELECT 1 FROM delivery WHERE sink IN (SELECT name FROM sink) AND state IN ${undeliveredStates} LIMIT 1`,
  );
  const anyFailing = db.prepare("SELECT 1 FROM delivery WHERE sink = ? AND state = 'failing' LIMIT 1");
  const undeliveredOf = db.prepare(
    `SELECT 1 FROM delivery WHERE position = ? AND state IN ${undeliveredStates} LIMIT 1`,
  );
  const countAll = db.prepare(
    `SELECT count(DISTINCT position) AS count FROM delivery
       WHERE sink IN (SELECT name FROM sink) AND state IN ${undeliveredStates}`,
  );
  const anyLane = db.prepare('SELECT 1 FROM lane_key LIMIT 1');
  const dropFailure = db.prepare('DELETE FROM failure WHERE sink = ? AND position = ?');
  const dropOld = db.prepare("DELETE FROM delivery WHERE state = 'done' AND at_in_ms < ?");
  const dropMany = db.prepare(
    `DELETE FROM delivery WHERE state = 'done' AND position <= coalesce((SELECT DISTINCT position FROM delivery
       WHERE state = 'done' ORDER BY position DESC LIMIT 1 OFFSET ?), 0)`,
  );
  const dropOrphans = db.prepare(dropOrphanedEvents);

  const exists = (statement: StatementSync, ...values: readonly (string | number)[]): boolean =>
    statement.get(...values) !== undefined;
  const isIndexed = (): boolean => exists(anyLane);
  const textOf = (row: Row): string => cipher.openText(eventRow(row), row.event);
  const entryOf = (row: Row): OutboxEntry => ({
    position: Number(row.position),
    trigger: typeof row.trigger_key === 'string' ? row.trigger_key : undefined,
    text: textOf(row),
  });
  const lanes = createLanes(db, { digest: (name) => cipher.digest(digestOf(name)), textOf });

  /** Ends a delivery, whatever its state was. */
  function end(sink: string, position: number, how: 'done' | 'dead' | 'dropped'): void {
    const was = readState.get(sink, position)?.state;
    // A command can have dropped the delivery while it was attempted.
    if (was === undefined) return;
    if (how === 'dropped') dropDelivery.run(sink, position);
    else addDelivery.run(sink, position, how, now());
    if (how !== 'dead') dropFailure.run(sink, position);
    if (was === 'failing' || was === 'waiting') lanes.letGo(sink, position);
    if (isIndexed() && !exists(undeliveredOf, position)) lanes.forget(position);
    if (!exists(anyDelivery, position)) dropEvent.run(position);
  }

  /** Puts a delivery into its place in the order. */
  function enqueue(sink: string, position: number): void {
    addDelivery.run(sink, position, 'ready', now());
    if (isIndexed()) lanes.enter(sink, position);
  }

  function enqueueAgain(sink: string, position: number): void {
    const event = isIndexed() ? readEvent.get(position) : undefined;
    if (event !== undefined) {
      lanes.index(position, storedLaneKeys(textOf(event)));
      // It comes first now: they are not retried before it.
      for (const later of lanes.failingBehind(sink, position)) {
        dropFailure.run(sink, later);
        enqueue(sink, later);
        lanes.letGo(sink, later);
      }
    }
    dropFailure.run(sink, position);
    enqueue(sink, position);
  }

  const failures = createFailures(db, { cipher, lanes, now, isIndexed, entryOf, enqueueAgain, end });
  return {
    failures,
    sinks: createSinks(db, failures, lanes, entryOf),
    add(event: ProvisioningEvent, trigger: string | undefined) {
      const receivers = readSelections
        .all()
        .filter(
          ({ selection }) => selection === null || isSelected(readSelection(selection), event, trigger),
        );
      if (receivers.length === 0) return;
      // Its row is part of what is sealed, so that the position is known before the event is stored.
      const position = Number(readLastPosition.get()?.seq ?? 0) + 1;
      const row = { position, trigger_key: trigger ?? null };
      addEvent.run(position, trigger ?? null, cipher.seal(eventRow(row), JSON.stringify(event)));
      if (isIndexed()) lanes.index(position, laneKeys(event));
      for (const { name } of receivers) enqueue(String(name), position);
    },
    ready: (sink: string, limit: number) => readReady.all(sink, limit).map(entryOf),
    count: () => Number(countAll.get()?.count),
    isFailing: (sink: string) => exists(anyFailing, sink),
    isEmpty: () => !exists(anyUndelivered),
    finish: (sink: string, position: number) => end(sink, position, 'done'),
    bury: (sink: string, position: number) => end(sink, position, 'dead'),
    /** Forgets delivered events that are too old, or too many. */
    prune(beforeInMs: number, most: number) {
      const dropped = Number(dropOld.run(beforeInMs).changes) + Number(dropMany.run(most).changes);
      if (dropped > 0) dropOrphans.run();
    },
  };
}

/** Which events a sink receives, as its row has it. */
function readSelection(stored: SQLOutputValue | undefined): EventSelection {
  return JSON.parse(String(stored)) as EventSelection;
}

function createMemory(
  db: DatabaseSync,
  cipher: StateCipher,
  today: () => number,
): EventMemory & { prune(): void } {
  const keyOf = (name: string): Uint8Array => cipher.digest(digestOf(name));
  const readKey = db.prepare('SELECT day FROM seen WHERE key = ?');
  const addKey = db.prepare('INSERT INTO seen VALUES (?, ?)');
  const readNewest = db.prepare('SELECT at_in_ms FROM newest WHERE resource = ?');
  const setNewest = db.prepare('INSERT OR REPLACE INTO newest VALUES (?, ?)');
  const dropKeys = db.prepare('DELETE FROM seen WHERE day < ?');
  const dropNewest = db.prepare('DELETE FROM newest WHERE at_in_ms < ?');
  let prunedOnDay: number | undefined;
  return {
    hasSeen: (dedupeKey) => readKey.get(keyOf(dedupeKey)) !== undefined,
    markSeen: (dedupeKey) => void addKey.run(keyOf(dedupeKey), today()),
    newestAtInMs(resource) {
      const atInMs = readNewest.get(keyOf(resource))?.at_in_ms;
      return atInMs === undefined ? undefined : Number(atInMs);
    },
    setNewest: (resource, atInMs) => void setNewest.run(keyOf(resource), atInMs),
    prune() {
      const day = today();
      if (prunedOnDay === day) return;
      dropKeys.run(day - deduplicationWindowInDays);
      dropNewest.run((day - deduplicationWindowInDays) * dayInMs);
      prunedOnDay = day;
    },
  };
}

/** Compresses a page. A higher quality takes ten times as long, and saves one byte in a hundred. */
function pack(content: string): Uint8Array {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 5,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}

/** Creates a file small again that is mostly empty: a first poll may have put a whole directory into the outbox. */
function shrink(db: DatabaseSync): void {
  const free = Number(db.prepare('PRAGMA freelist_count').get()?.freelist_count);
  const all = Number(db.prepare('PRAGMA page_count').get()?.page_count);
  if (free < sparePages || free < all / 2) return;
  try {
    db.exec('VACUUM');
  } catch {
    // VACUUM needs space for a copy. Without it, the file stays large, and works as before.
  }
}

// After some errors, such as a full disk, SQLite has already rolled back, and ROLLBACK fails.
function rollBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // The error to report is the previous one.
  }
}
