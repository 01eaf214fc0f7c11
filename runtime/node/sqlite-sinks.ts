import type { DatabaseSync } from 'node:sqlite';
import { claimSinks } from '../watch/store-rules.ts';
import { defaultSink, type EventSelection, type OutboxEntry, type SinkState } from '../watch/watch-store.ts';
import type { Failures } from './sqlite-failures.ts';
import { type Lanes, type Row, undeliveredStates } from './sqlite-lanes.ts';

/** The sinks of a state. Each function is a part of a transaction. */
export interface Sinks {
  /** Makes these the sinks of the state: new ones are added, and others that have nothing to deliver are removed. */
  claim(wanted: readonly string[]): void;
  /** Adds a sink that receives a selection of the events, or changes its selection. */
  set(name: string, selection: EventSelection): void;
  /** Removes sinks with everything that they have not received. */
  remove(names: readonly string[]): void;
  /** What each sink has to do. @param limit - the maximum number of failing deliveries and dead letters of each */
  states(limit: number): readonly SinkState[];
}

/** Creates the sinks of a state. */
export function createSinks(
  db: DatabaseSync,
  failures: Failures,
  lanes: Lanes,
  entryOf: (row: Row) => OutboxEntry,
): Sinks {
  const readNames = db.prepare('SELECT name FROM sink ORDER BY name');
  const addSink = db.prepare('INSERT OR REPLACE INTO sink (name, selection) VALUES (?, ?)');
  const dropSink = db.prepare('DELETE FROM sink WHERE name = ?');
  const takeOver = db.prepare(
    "INSERT INTO delivery SELECT ?, position, state, at_in_ms FROM delivery WHERE sink = ? AND state <> 'done'",
  );
  const dropDeliveries = db.prepare('DELETE FROM delivery WHERE sink = ?');
  const dropOrphans = db.prepare(dropOrphanedEvents);
  const readFirst = db.prepare(
    `SELECT position, trigger_key, event FROM delivery JOIN event USING (position)
       WHERE sink = ? AND state IN ${undeliveredStates} ORDER BY position LIMIT 1`,
  );

  const namesOf = (): readonly string[] => readNames.all().map(({ name }) => String(name));
  const countIn = (sink: string, states: string): number => {
    const counted = db
      .prepare(`SELECT count(*) AS count FROM delivery WHERE sink = ? AND state IN ${states}`)
      .get(sink);
    return Number(counted?.count);
  };

  const sinks: Sinks = {
    claim(wanted) {
      const known = namesOf();
      const busy = known.filter((name) => countIn(name, undeliveredStates) > 0);
      const { added, removed, takesOver } = claimSinks(known, busy, wanted);
      for (const name of added) {
        addSink.run(name, null);
        if (!takesOver) continue;
        takeOver.run(name, defaultSink);
        failures.copy(defaultSink, name);
      }
      if (removed.length > 0) sinks.remove(removed);
    },
    set: (name, selection) => void addSink.run(name, JSON.stringify(selection)),
    remove(names) {
      for (const name of names) {
        dropSink.run(name);
        dropDeliveries.run(name);
        failures.dropOf(name);
      }
      dropOrphans.run();
      lanes.prune();
    },
    states: (limit) =>
      namesOf().map((sink) => {
        const first = readFirst.get(sink);
        return {
          sink,
          undelivered: countIn(sink, undeliveredStates),
          waiting: countIn(sink, "('waiting')"),
          firstUndelivered: first && entryOf(first),
          deadLetterCount: countIn(sink, "('dead')"),
          failing: failures.list(sink, 'failing', limit, 'position'),
          deadLetters: failures.list(sink, 'dead', limit, 'position'),
        };
      }),
  };
  return sinks;
}

/** Drops the events that no sink has to receive, or can receive again. */
export const dropOrphanedEvents =
  'DELETE FROM event WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.position = event.position)';
