import type { DatabaseSync } from 'node:sqlite';
import { skippedDelivery } from '../watch/store-rules.ts';
import type {
  DeliveryFailure,
  DeliverySelection,
  FailedDelivery,
  OutboxEntry,
} from '../watch/watch-store.ts';
import { type Lanes, type Row, undeliveredStates } from './sqlite-lanes.ts';
import type { StateCipher, StateRow } from './state-cipher.ts';

/** Of `failure.message`, which can quote the response of a consumer. */
export function failureRow(sink: string, position: number): StateRow {
  return ['failure', sink, position];
}

/** What became of deliveries that failed, and what a person makes of them. Each function is a part of a transaction. */
export interface Failures {
  /**
   * Stores that a delivery failed, and holds up those behind it. Nothing changes if it ended meanwhile, or if a command
   * has put another one before it.
   */
  record(sink: string, position: number, failure: DeliveryFailure): void;
  /** The deliveries of a sink that are failing, or its dead letters, in an order. */
  list(
    sink: string,
    state: 'failing' | 'dead',
    limit: number,
    order: 'position' | 'next_attempt_at_in_ms',
  ): readonly FailedDelivery[];
  /** Copies the failures of one sink to another. */
  copy(from: string, to: string): void;
  /** Drops the failures of a sink. */
  dropOf(sink: string): void;
  /** Tries failing deliveries again now, and dead letters from the beginning. @returns their number */
  release(selection: DeliverySelection): number;
  /** Makes undelivered events dead letters, and drops dead letters. @returns their number */
  skip(selection: DeliverySelection): number;
  /** Delivers events again that were delivered since a time, or are dead letters. @returns their number */
  replay(sinceInMs: number, selection: DeliverySelection): number;
}

/** What failures need of the deliveries. */
export interface FailureServices {
  readonly cipher: StateCipher;
  readonly lanes: Lanes;
  now(): number;
  /** Whether the lanes of undelivered events are stored. */
  isIndexed(): boolean;
  entryOf(row: Row): OutboxEntry;
  /** Puts a delivery, whose failure is dropped, into its place in the order again. */
  enqueueAgain(sink: string, position: number): void;
  /** Ends a delivery. */
  end(sink: string, position: number, how: 'dead' | 'dropped'): void;
}

/** Creates the failures of a state. */
export function createFailures(db: DatabaseSync, services: FailureServices): Failures {
  const { cipher, lanes, now, isIndexed, entryOf, enqueueAgain, end } = services;
  const setState = db.prepare('UPDATE delivery SET state = ? WHERE sink = ? AND position = ?');
  const readUndelivered = db.prepare(
    `SELECT 1 FROM delivery WHERE sink = ? AND position = ? AND state IN ${undeliveredStates}`,
  );
  const readFailures = db.prepare('SELECT * FROM failure WHERE sink = ?');
  const setFailure = db.prepare('INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const dropFailures = db.prepare('DELETE FROM failure WHERE sink = ?');
  const releaseAt = db.prepare(
    'UPDATE failure SET next_attempt_at_in_ms = ? WHERE sink = ? AND position = ?',
  );

  const failureOf = (row: Row): DeliveryFailure => ({
    code: String(row.code),
    message: cipher.openText(failureRow(String(row.sink), Number(row.position)), row.message),
    attempts: Number(row.attempts),
    firstFailedAtInMs: Number(row.first_failed_at_in_ms),
    lastFailedAtInMs: Number(row.last_failed_at_in_ms),
    refusedForInMs: Number(row.refused_for_in_ms),
    nextAttemptAtInMs: Number(row.next_attempt_at_in_ms),
  });
  const store = (sink: string, position: number, failure: DeliveryFailure): void => {
    const { code, attempts, firstFailedAtInMs, lastFailedAtInMs, refusedForInMs, nextAttemptAtInMs } =
      failure;
    const message = cipher.seal(failureRow(sink, position), failure.message);
    const times = [firstFailedAtInMs, lastFailedAtInMs, refusedForInMs, nextAttemptAtInMs] as const;
    setFailure.run(sink, position, code, message, attempts, ...times);
  };
  const select = ({ sink, positions }: DeliverySelection, states: string, sinceInMs = 0) => {
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
  };

  const fail = (sink: string, position: number, failure: DeliveryFailure): void => {
    store(sink, position, failure);
    setState.run('failing', sink, position);
    lanes.holdUp(sink, position);
  };

  const failures: Failures = {
    record(sink, position, failure) {
      if (readUndelivered.get(sink, position) === undefined) return;
      if (!isIndexed()) lanes.indexUndelivered();
      if (!lanes.isBehind(sink, position)) fail(sink, position, failure);
    },
    list: (sink, state, limit, order) =>
      db
        .prepare(
          `SELECT * FROM delivery JOIN failure USING (sink, position) JOIN event USING (position)
             WHERE delivery.sink = ? AND state = ? ORDER BY ${order} LIMIT ?`,
        )
        .all(sink, state, limit)
        .map((row) => ({ ...entryOf(row), sink, failure: failureOf(row) })),
    copy(from, to) {
      for (const row of readFailures.all(from)) store(to, Number(row.position), failureOf(row));
    },
    dropOf: (sink) => void dropFailures.run(sink),
    release(selection) {
      const chosen = select(selection, failedStates(selection));
      for (const { sink, position, state } of chosen) {
        if (state === 'dead') enqueueAgain(sink, position);
        else releaseAt.run(now(), sink, position);
      }
      return chosen.length;
    },
    skip(selection) {
      const chosen = select(
        selection,
        selection.only === undefined ? "('ready', 'waiting', 'failing', 'dead')" : failedStates(selection),
      );
      for (const { sink, position, state } of chosen) {
        if (state === 'ready' || state === 'waiting') store(sink, position, skippedDelivery(now()));
        end(sink, position, state === 'dead' ? 'dropped' : 'dead');
      }
      return chosen.length;
    },
    replay(sinceInMs, selection) {
      const chosen = select(selection, "('done', 'dead')", sinceInMs);
      for (const { sink, position } of chosen) enqueueAgain(sink, position);
      return chosen.length;
    },
  };
  return failures;
}

function failedStates({ only }: DeliverySelection): string {
  if (only === undefined) return "('failing', 'dead')";
  return only === 'failing' ? "('failing')" : "('dead')";
}
