import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { laneKeys } from '../watch/store-rules.ts';

/** A row of a table. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/**
 * The states of a delivery that is undelivered. The others are `dead`, which is a dead letter, and `done`, which is kept for
 * a replay.
 */
export const undeliveredStates = "('ready', 'waiting', 'failing')";
/** The states of a delivery that holds up those behind it. */
const heldUpStates = "('waiting', 'failing')";

/**
 * The lanes of a state: while a delivery fails, the events behind it in its lanes wait. Each function is a part of a
 * transaction, and none is called while no delivery fails.
 */
export interface Lanes {
  /** Stores the lanes of an event. */
  index(position: number, keys: Iterable<string>): void;
  /** Stores those of every undelivered event. */
  indexUndelivered(): void;
  /** Makes a delivery that is ready wait if one before it in its lanes is held up. */
  enter(sink: string, position: number): void;
  /** Whether one before it in its lanes is undelivered. */
  isBehind(sink: string, position: number): boolean;
  /** The failing deliveries behind one in its lanes. */
  failingBehind(sink: string, position: number): readonly number[];
  /** Makes the deliveries behind a failing one wait, and those behind them. */
  holdUp(sink: string, position: number): void;
  /** Makes those ready again that waited only for this one, whose delivery is not failing now. */
  letGo(sink: string, position: number): void;
  /** Drops the lanes of an event. */
  forget(position: number): void;
  /** Drops the lanes of delivered events, or all lanes if nothing is held up. */
  prune(): void;
}

/** What lanes need of the store. */
export interface LaneServices {
  /** Represents a name as the state does. */
  digest(name: string): Uint8Array;
  /** The event of a row as text. */
  textOf(row: Row): string;
}

/** Creates the lanes of a state. They are indexed only while a delivery fails: then, every undelivered event is. */
export function createLanes(db: DatabaseSync, { digest, textOf }: LaneServices): Lanes {
  const setState = db.prepare('UPDATE delivery SET state = ? WHERE sink = ? AND position = ?');
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
  const dropDeliveredKeys = db.prepare(
    `DELETE FROM lane_key WHERE position NOT IN (SELECT position FROM delivery WHERE state IN ${undeliveredStates})`,
  );
  // Both search by the keys of one event, so that they cost as much as the events of its users and groups.
  const readBehind = db.prepare(
    `SELECT DISTINCT later.position FROM lane_key AS earlier
       JOIN lane_key AS later ON later.key = earlier.key AND later.position > earlier.position
       JOIN delivery ON delivery.sink = ? AND delivery.position = later.position AND delivery.state = ?
       WHERE earlier.position = ?`,
  );
  const readBefore = (states: string) =>
    db.prepare(
      `SELECT 1 FROM lane_key AS later
         JOIN lane_key AS earlier ON earlier.key = later.key AND earlier.position < later.position
         JOIN delivery ON delivery.sink = ? AND delivery.position = earlier.position AND delivery.state IN ${states}
         WHERE later.position = ? LIMIT 1`,
    );
  const readHeldUpBefore = readBefore(heldUpStates);
  const readUndeliveredBefore = readBefore(undeliveredStates);

  const isHeldUp = (sink: string, position: number): boolean =>
    readHeldUpBefore.get(sink, position) !== undefined;
  const behind = (
    sink: string,
    position: number,
    state: 'ready' | 'waiting' | 'failing',
  ): readonly number[] => readBehind.all(sink, state, position).map((row) => Number(row.position));

  const lanes: Lanes = {
    index(position, keys) {
      for (const key of keys) addKey.run(laneDigest(digest(key)), position);
    },
    indexUndelivered() {
      for (const row of readUndelivered.all()) lanes.index(Number(row.position), storedLaneKeys(textOf(row)));
    },
    enter(sink, position) {
      if (!isHeldUp(sink, position)) return;
      setState.run('waiting', sink, position);
      lanes.holdUp(sink, position);
    },
    isBehind: (sink, position) => readUndeliveredBefore.get(sink, position) !== undefined,
    failingBehind: (sink, position) => behind(sink, position, 'failing'),
    holdUp(sink, position) {
      const found = [position];
      for (const one of found) {
        for (const later of behind(sink, one, 'ready')) {
          setState.run('waiting', sink, later);
          found.push(later);
        }
      }
    },
    letGo(sink, position) {
      const queue = new Set(behind(sink, position, 'waiting'));
      while (queue.size > 0) {
        // In order, so that everything that an event can wait for is decided before it.
        const first = Math.min(...queue);
        queue.delete(first);
        if (isHeldUp(sink, first)) continue;
        setState.run('ready', sink, first);
        for (const later of behind(sink, first, 'waiting')) queue.add(later);
      }
      if (anyHeldUp.get() === undefined) dropKeys.run();
    },
    forget: (position) => void dropKeysOf.run(position),
    prune() {
      if (anyHeldUp.get() === undefined) dropKeys.run();
      else dropDeliveredKeys.run();
    },
  };
  return lanes;
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
