import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { isRecord } from '../../schemas/is-record.ts';
import {
  claimSinks,
  claimTriggers,
  deduplicate,
  type EventMemory,
  isSelected,
  laneKeys,
  skippedDelivery,
} from '../watch/store-rules.ts';
import {
  type DeliveryFailure,
  type DeliverySelection,
  deduplicationWindowInDays,
  defaultSink,
  type EventSelection,
  type FailedDelivery,
  type HoldPages,
  type OutboxEntry,
  type WatchStore,
} from '../watch/watch-store.ts';
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
  onSteered(listener: () => void): void;
  /** Called after the database is closed. */
  release(): void;
}

const dayInMs = 86_400_000;
/** Delivered events are dropped in groups, since each search for them costs as much. */
const acknowledgedBetweenPrunes = 500;
/** With fewer unused pages, a file is not worth shrinking. */
const sparePages = 64;

/**
 * The states of a delivery. `ready`, `waiting`, and `failing` are undelivered; `dead` is a dead letter, and `done` is
 * kept for a replay.
 */
const undeliveredStates = "('ready', 'waiting', 'failing')";
const heldUpStates = "('waiting', 'failing')";

function failedStates({ only }: DeliverySelection): string {
  if (only === undefined) return "('failing', 'dead')";
  return only === 'failing' ? "('failing')" : "('dead')";
}

type Row = Readonly<Record<string, SQLOutputValue>>;

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

/** Of `failure.message`, which can quote the response of a consumer. */
export function failureRow(sink: string, position: number): StateRow {
  return ['failure', sink, position];
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
    async claimSinks(...sinks) {
      step(() => deliveries.claim(sinks));
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
            if (selection === null) deliveries.removeSinks([name]);
            else deliveries.setSink(name, selection);
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
      return guard(() => deliveries.failed(sink, 'failing', 1, 'next_attempt_at_in_ms')[0]);
    },
    async recordFailure(sink, position, failure) {
      step(() => deliveries.fail(sink, position, failure));
    },
    async moveToDeadLetters(sink, position) {
      step(() => deliveries.bury(sink, position));
    },
    async sinkStates(limit) {
      return step(() =>
        deliveries.sinks().map((sink) => ({
          sink,
          undelivered: deliveries.countIn(sink, undeliveredStates),
          waiting: deliveries.countIn(sink, "('waiting')"),
          firstUndelivered: deliveries.first(sink),
          deadLetterCount: deliveries.countIn(sink, "('dead')"),
          failing: deliveries.failed(sink, 'failing', limit, 'position'),
          deadLetters: deliveries.failed(sink, 'dead', limit, 'position'),
        })),
      );
    },
    async release(selection) {
      return step(() => deliveries.release(selection));
    },
    async skip(selection) {
      return step(() => deliveries.skip(selection));
    },
    async replay(sinceInMs, selection) {
      return step(() => deliveries.replay(sinceInMs, selection));
    },
    onSteered: settings.onSteered,
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

/** Half of a digest is enough for a lane: a collision only makes an event wait that need not. */
export function laneDigest(digest: Uint8Array): Uint8Array {
  return digest.subarray(0, 8);
}

/** The {@link laneKeys} of an event as it is stored. */
export function storedLaneKeys(text: string): Iterable<string> {
  const event: unknown = JSON.parse(text);
  return isRecord(event) && isRecord(event.subject) ? laneKeys(event as unknown as ProvisioningEvent) : [];
}

/** The events, their deliveries, and their lanes. Each function is a part of a transaction. */
function createDeliveries(db: DatabaseSync, cipher: StateCipher, now: () => number) {
  const readSinks = db.prepare('SELECT name, selection FROM sink ORDER BY name');
  const addSink = db.prepare('INSERT OR REPLACE INTO sink (name, selection) VALUES (?, ?)');
  const dropSink = db.prepare('DELETE FROM sink WHERE name = ?');
  const takeOver = db.prepare(
    "INSERT INTO delivery SELECT ?, position, state, at_in_ms FROM delivery WHERE sink = ? AND state <> 'done'",
  );
  const readFailures = db.prepare('SELECT * FROM failure WHERE sink = ?');
  const dropDeliveries = db.prepare('DELETE FROM delivery WHERE sink = ?');
  const dropFailures = db.prepare('DELETE FROM failure WHERE sink = ?');
  const readLastPosition = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'event'");
  const addEvent = db.prepare('INSERT INTO event VALUES (?, ?, ?)');
  const readEvent = db.prepare('SELECT * FROM event WHERE position = ?');
  const dropEvent = db.prepare('DELETE FROM event WHERE position = ?');
  const addDelivery = db.prepare('INSERT OR REPLACE INTO delivery VALUES (?, ?, ?, ?)');
  const setState = db.prepare('UPDATE delivery SET state = ? WHERE sink = ? AND position = ?');
  const readState = db.prepare('SELECT state FROM delivery WHERE sink = ? AND position = ?');
  const dropDelivery = db.prepare('DELETE FROM delivery WHERE sink = ? AND position = ?');
  const readReady = db.prepare(
    `SELECT position, trigger_key, event FROM delivery JOIN event USING (position)
       WHERE sink = ? AND state = 'ready' ORDER BY position LIMIT ?`,
  );
  const readFirst = db.prepare(
    `SELECT position, trigger_key, event FROM delivery JOIN event USING (position)
       WHERE sink = ? AND state IN ${undeliveredStates} ORDER BY position LIMIT 1`,
  );
  const hasDelivery = db.prepare('SELECT 1 FROM delivery WHERE position = ? LIMIT 1');
  const anyUndelivered = db.prepare(
    `SELECT 1 FROM delivery WHERE sink IN (SELECT name FROM sink) AND state IN ${undeliveredStates} LIMIT 1`,
  );
  const countAll = db.prepare(
    `SELECT count(DISTINCT position) AS count FROM delivery
       WHERE sink IN (SELECT name FROM sink) AND state IN ${undeliveredStates}`,
  );
  const isIndexed = db.prepare('SELECT 1 FROM lane_key LIMIT 1');
  const anyHeldUp = db.prepare(
    `SELECT 1 FROM delivery WHERE sink IN (SELECT name FROM sink) AND state IN ${heldUpStates} LIMIT 1`,
  );
  const readUndelivered = db.prepare(
    `SELECT DISTINCT position, trigger_key, event FROM delivery JOIN event USING (position)
       WHERE sink IN (SELECT name FROM sink) AND state IN ${undeliveredStates}`,
  );
  const addKey = db.prepare('INSERT OR IGNORE INTO lane_key VALUES (?, ?)');
  const dropKeys = db.prepare('DELETE FROM lane_key');
  const dropKeysOf = db.prepare('DELETE FROM lane_key WHERE position = ?');
  const isUndelivered = db.prepare(
    `SELECT 1 FROM delivery WHERE position = ? AND state IN ${undeliveredStates} LIMIT 1`,
  );
  // Both search by the keys of one event, so that they cost as much as the events of its users and groups.
  const readBehind = db.prepare(
    `SELECT DISTINCT later.position FROM lane_key AS earlier
       JOIN lane_key AS later ON later.key = earlier.key AND later.position > earlier.position
       JOIN delivery ON delivery.sink = ? AND delivery.position = later.position AND delivery.state = ?
       WHERE earlier.position = ?`,
  );
  const isHeldUp = db.prepare(
    `SELECT 1 FROM lane_key AS later
       JOIN lane_key AS earlier ON earlier.key = later.key AND earlier.position < later.position
       JOIN delivery ON delivery.sink = ? AND delivery.position = earlier.position AND delivery.state IN ${heldUpStates}
       WHERE later.position = ? LIMIT 1`,
  );
  const setFailure = db.prepare('INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const dropFailure = db.prepare('DELETE FROM failure WHERE sink = ? AND position = ?');
  const releaseAt = db.prepare(
    'UPDATE failure SET next_attempt_at_in_ms = ? WHERE sink = ? AND position = ?',
  );
  const dropOld = db.prepare("DELETE FROM delivery WHERE state = 'done' AND at_in_ms < ?");
  const dropMany = db.prepare(
    `DELETE FROM delivery WHERE state = 'done' AND position <= coalesce((SELECT DISTINCT position FROM delivery
       WHERE state = 'done' ORDER BY position DESC LIMIT 1 OFFSET ?), 0)`,
  );
  const dropOrphans = db.prepare(
    'DELETE FROM event WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.position = event.position)',
  );
  const dropDeliveredKeys = db.prepare(
    `DELETE FROM lane_key WHERE position NOT IN (SELECT position FROM delivery WHERE state IN ${undeliveredStates})`,
  );

  const sinks = (): readonly string[] => readSinks.all().map(({ name }) => String(name));
  const exists = (statement: StatementSync, ...values: readonly (string | number)[]): boolean =>
    statement.get(...values) !== undefined;
  const stateOf = (sink: string, position: number): unknown => readState.get(sink, position)?.state;
  const behind = (sink: string, position: number, state: 'ready' | 'waiting'): readonly number[] =>
    readBehind.all(sink, state, position).map((row) => Number(row.position));

  const textOf = (row: Row): string => cipher.openText(eventRow(row), row.event);
  const entryOf = (row: Row): OutboxEntry => ({
    position: Number(row.position),
    trigger: typeof row.trigger_key === 'string' ? row.trigger_key : undefined,
    text: textOf(row),
  });
  const failureOf = (row: Row): DeliveryFailure => ({
    code: String(row.code),
    message: cipher.openText(failureRow(String(row.sink), Number(row.position)), row.message),
    attempts: Number(row.attempts),
    firstFailedAtInMs: Number(row.first_failed_at_in_ms),
    lastFailedAtInMs: Number(row.last_failed_at_in_ms),
    refusedForInMs: Number(row.refused_for_in_ms),
    nextAttemptAtInMs: Number(row.next_attempt_at_in_ms),
  });
  const storeFailure = (sink: string, position: number, failure: DeliveryFailure): void => {
    const { code, attempts, firstFailedAtInMs, lastFailedAtInMs, refusedForInMs, nextAttemptAtInMs } =
      failure;
    const message = cipher.seal(failureRow(sink, position), failure.message);
    const times = [firstFailedAtInMs, lastFailedAtInMs, refusedForInMs, nextAttemptAtInMs] as const;
    setFailure.run(sink, position, code, message, attempts, ...times);
  };

  /** Makes the events behind a failing one wait, and those behind them. */
  function holdUp(sink: string, position: number): void {
    const found = [position];
    for (const one of found) {
      for (const later of behind(sink, one, 'ready')) {
        setState.run('waiting', sink, later);
        found.push(later);
      }
    }
  }

  /** Makes those ready again that waited only for this event. Its keys are still stored, but its delivery is not failing. */
  function letGo(sink: string, position: number): void {
    const queue = new Set(behind(sink, position, 'waiting'));
    while (queue.size > 0) {
      // In order, so that everything that an event can wait for is decided before it.
      const first = Math.min(...queue);
      queue.delete(first);
      if (exists(isHeldUp, sink, first)) continue;
      setState.run('ready', sink, first);
      for (const later of behind(sink, first, 'waiting')) queue.add(later);
    }
  }

  /** Ends a delivery, whatever its state was. */
  function end(sink: string, position: number, how: 'done' | 'dead' | 'dropped'): void {
    const was = stateOf(sink, position);
    if (how === 'dropped') dropDelivery.run(sink, position);
    else addDelivery.run(sink, position, how, now());
    if (how !== 'dead') dropFailure.run(sink, position);
    if (was === 'failing' || was === 'waiting') {
      letGo(sink, position);
      if (!exists(anyHeldUp)) dropKeys.run();
    }
    if (exists(isIndexed) && !exists(isUndelivered, position)) dropKeysOf.run(position);
    if (!exists(hasDelivery, position)) dropEvent.run(position);
  }

  /** Puts a delivery into its place in the order. */
  function enqueue(sink: string, position: number): void {
    addDelivery.run(sink, position, 'ready', now());
    if (!exists(isIndexed) || !exists(isHeldUp, sink, position)) return;
    setState.run('waiting', sink, position);
    holdUp(sink, position);
  }

  /**
   * Lanes are indexed only while a delivery fails. Then every undelivered event is, and every one that is added.
   */
  function index(position: number, keys: Iterable<string>): void {
    for (const key of keys) addKey.run(laneDigest(cipher.digest(digestOf(key))), position);
  }

  function indexUndelivered(): void {
    for (const row of readUndelivered.all()) index(Number(row.position), storedLaneKeys(textOf(row)));
  }

  function enqueueAgain(sink: string, position: number): void {
    const event = exists(isIndexed) ? readEvent.get(position) : undefined;
    if (event !== undefined) index(position, storedLaneKeys(textOf(event)));
    dropFailure.run(sink, position);
    enqueue(sink, position);
  }

  function select(
    { sink, positions }: DeliverySelection,
    states: string,
    sinceInMs = 0,
  ): readonly { readonly sink: string; readonly position: number; readonly state: string }[] {
    const rows = db
      .prepare(
        `SELECT sink, position, state FROM delivery
           WHERE state IN ${states} AND at_in_ms >= ? AND (? IS NULL OR sink = ?) ORDER BY position`,
      )
      .all(sinceInMs, sink ?? null, sink ?? null);
    const chosen = positions && new Set(positions);
    return rows
      .map((row) => ({ sink: String(row.sink), position: Number(row.position), state: String(row.state) }))
      .filter(({ position }) => chosen?.has(position) ?? true);
  }

  function countIn(sink: string, states: string): number {
    const counted = db
      .prepare(`SELECT count(*) AS count FROM delivery WHERE sink = ? AND state IN ${states}`)
      .get(sink);
    return Number(counted?.count);
  }

  function fail(sink: string, position: number, failure: DeliveryFailure): void {
    storeFailure(sink, position, failure);
    setState.run('failing', sink, position);
    if (!exists(isIndexed)) indexUndelivered();
    holdUp(sink, position);
  }

  function removeSinks(names: readonly string[]): void {
    for (const name of names) {
      dropSink.run(name);
      dropDeliveries.run(name);
      dropFailures.run(name);
    }
    dropOrphans.run();
    if (exists(anyHeldUp)) dropDeliveredKeys.run();
    else dropKeys.run();
  }

  return {
    sinks,
    countIn,
    fail,
    removeSinks,
    setSink: (name: string, selection: EventSelection) => addSink.run(name, JSON.stringify(selection)),
    claim(wanted: readonly string[]) {
      const known = sinks();
      const busy = known.filter((name) => countIn(name, undeliveredStates) > 0);
      const { added, removed, takesOver } = claimSinks(known, busy, wanted);
      for (const name of added) {
        addSink.run(name, null);
        if (takesOver) {
          takeOver.run(name, defaultSink);
          for (const row of readFailures.all(defaultSink))
            storeFailure(name, Number(row.position), failureOf(row));
        }
      }
      if (removed.length > 0) removeSinks(removed);
    },
    add(event: ProvisioningEvent, trigger: string | undefined) {
      const receivers = readSinks
        .all()
        .filter(
          ({ selection }) => selection === null || isSelected(readSelection(selection), event, trigger),
        );
      if (receivers.length === 0) return;
      // Its row is part of what is sealed, so that the position is known before the event is stored.
      const position = Number(readLastPosition.get()?.seq ?? 0) + 1;
      const row = { position, trigger_key: trigger ?? null };
      addEvent.run(position, trigger ?? null, cipher.seal(eventRow(row), JSON.stringify(event)));
      if (exists(isIndexed)) index(position, laneKeys(event));
      for (const { name } of receivers) enqueue(String(name), position);
    },
    ready: (sink: string, limit: number) => readReady.all(sink, limit).map(entryOf),
    first(sink: string): OutboxEntry | undefined {
      const row = readFirst.get(sink);
      return row === undefined ? undefined : entryOf(row);
    },
    count: () => Number(countAll.get()?.count),
    isEmpty: () => !exists(anyUndelivered),
    finish: (sink: string, position: number) => end(sink, position, 'done'),
    failed(
      sink: string,
      state: 'failing' | 'dead',
      limit: number,
      order: 'position' | 'next_attempt_at_in_ms',
    ): readonly FailedDelivery[] {
      return db
        .prepare(
          `SELECT * FROM delivery JOIN failure USING (sink, position) JOIN event USING (position)
             WHERE delivery.sink = ? AND state = ? ORDER BY ${order} LIMIT ?`,
        )
        .all(sink, state, limit)
        .map((row) => ({ ...entryOf(row), sink, failure: failureOf(row) }));
    },
    bury: (sink: string, position: number) => end(sink, position, 'dead'),
    release(selection: DeliverySelection) {
      const chosen = select(selection, failedStates(selection));
      for (const { sink, position, state } of chosen) {
        if (state === 'dead') enqueueAgain(sink, position);
        else releaseAt.run(now(), sink, position);
      }
      return chosen.length;
    },
    skip(selection: DeliverySelection) {
      const chosen = select(
        selection,
        selection.only === undefined ? "('ready', 'waiting', 'failing', 'dead')" : failedStates(selection),
      );
      for (const { sink, position, state } of chosen) {
        if (state === 'ready' || state === 'waiting') fail(sink, position, skippedDelivery(now()));
        end(sink, position, state === 'dead' ? 'dropped' : 'dead');
      }
      return chosen.length;
    },
    replay(sinceInMs: number, selection: DeliverySelection) {
      const chosen = select(selection, "('done', 'dead')", sinceInMs);
      for (const { sink, position } of chosen) enqueueAgain(sink, position);
      return chosen.length;
    },
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
