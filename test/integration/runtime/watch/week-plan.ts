import type { Fault } from '../../../support/fault.ts';
import { uniqueFaults } from '../../../support/play-fault.ts';

/** From an hour to another one, something fails in one way. */
export interface Window<Way> {
  readonly fromHour: number;
  readonly toHour: number;
  readonly way: Way;
}

export const weekInHours = 168;
/** From then on, everything works, so that what waits can arrive. */
export const calmFromHour = 150;

const hoursBetweenOutages = 4;

/** Outages one after the other, each of which goes through some ways to fail. */
function planOutages<Way>(
  outages: readonly (readonly Way[])[],
  startHour: number,
  hoursOfWay: number,
): readonly Window<Way>[] {
  const windows: Window<Way>[] = [];
  let hour = startHour;
  for (const ways of outages) {
    for (const way of ways) {
      windows.push({ fromHour: hour, toHour: hour + hoursOfWay, way });
      hour += hoursOfWay;
    }
    hour += hoursBetweenOutages;
  }
  if (hour > calmFromHour) throw new Error(`The outages last until hour ${hour}`);
  return windows;
}

/** The window of an hour. */
export function windowAt<Way>(windows: readonly Window<Way>[], hour: number): Way | undefined {
  return windows.find(({ fromHour, toHour }) => fromHour <= hour && hour < toHour)?.way;
}

/** What an outage looks like from outside: a service that fails in one way does not change it every two hours. */
function kindOf(fault: Fault): string {
  if (fault.kind !== 'answer' || fault.status === 429 || fault.status >= 500) return 'down';
  return fault.status < 400 ? 'wrong response' : 'rejected';
}

function byKind(faults: readonly Fault[]): readonly (readonly Fault[])[] {
  return [...Map.groupBy(faults, kindOf).values()];
}

const answer = (status: number): Fault => ({ kind: 'answer', acts: false, status });

/** Every fault of the table, of which a read sees no difference whether the provider has acted. */
export const providerWindows: readonly Window<Fault>[] = planOutages(
  byKind(uniqueFaults().filter((fault) => !fault.acts || fault.kind !== 'answer' || fault.status < 400)),
  4,
  2,
);

/** Every fault of the table that is a failure of a POST, and the statuses of a deployment. */
const receiverFaults = [
  ...uniqueFaults().filter((fault) => fault.kind !== 'answer' || fault.status >= 300),
  ...[302, 404, 409, 410].map(answer),
];
/** The two receivers fail at other times, and the ways of the second one come in another order. */
export const receiverWindows = {
  flows: planOutages(byKind(receiverFaults.filter((_, index) => index % 2 === 0)), 12, 1),
  audit: planOutages(byKind(receiverFaults.filter((_, index) => index % 2 === 1).toReversed()), 60, 1),
} as const;

/** One user whose events the receiver `flows` refuses, for more than a day, and a time in which it refuses everything. */
export const refusedWindow = { fromHour: 84, toHour: 116 };
export const allRefusedWindow = { fromHour: 118, toHour: 122 };
/** When a file cannot be written, when the keys of the sender cannot be fetched, and when someone tries tokens. */
export const fileWindow = { fromHour: 124, toHour: 128 };
export const keyWindow = { fromHour: 126, toHour: 131 };
export const forgedWindow = { fromHour: 132, toHour: 138 };
/** A directory that is empty: the safeguard holds it. */
export const emptyWindow = { fromHour: 140, toHour: 144 };
/** An administrator releases the dead letters. */
export const releaseHour = 152;

export function isWithin(
  { fromHour, toHour }: { readonly fromHour: number; readonly toHour: number },
  hour: number,
): boolean {
  return fromHour <= hour && hour < toHour;
}
