import type { EventChange } from '../../../connector/event.ts';

/** A change of which the source tells only what it led to. @param to null: the value was taken away. */
export function changeTo(path: string, to: unknown): EventChange {
  return { path, from: null, to, fromKnown: false, toKnown: true };
}

/** A change of which the source tells both sides. null: there was, or is, no value. */
export function changeFromTo(path: string, from: unknown, to: unknown): EventChange {
  return { path, from, to, fromKnown: true, toKnown: true };
}

/** A change of which the source tells only that it was made. */
export function changeOf(path: string): EventChange {
  return { path, from: null, to: null, fromKnown: false, toKnown: false };
}
