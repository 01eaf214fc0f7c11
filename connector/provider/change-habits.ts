import type { Platform } from '../platform.ts';

/** The stable names under which quirks of a provider are logged; the sandbox plays each as a quirk. */
export type ChangeHabitName =
  | 'no_patch'
  | 'no_op_patch_rejected'
  | 'members_per_request_limited'
  | 'replace_members_rejected'
  | 'patch_response_not_a_resource'
  | 'patch_response_stale'
  | 'members_not_shown'
  | 'deactivation_deletes'
  | 'versions_always_stale'
  | 'filter_rejected'
  | 'filter_ignored'
  | 'unknown_filter_empty'
  | 'absence_not_proved';

/** What one connection has noticed of how its provider takes changes and lookups; each quirk is logged once. */
export interface ChangeHabits {
  /** The resource types whose PATCH is rejected, so that their changes go by GET and PUT. */
  readonly withoutPatch: Set<string>;
  /** The largest number of members that one request was seen to take; undefined until a larger one was rejected. */
  membersPerRequest: number | undefined;
  /** Whether a filter on an attribute finds what it should, by `Users/userName`; undefined until it was tried. */
  readonly filterWorks: Map<string, boolean>;
  /** Logs a quirk, the first time that it is noticed. */
  notice(habit: ChangeHabitName, details?: Readonly<Record<string, unknown>>): void;
}

/** Starts without any assumption about the provider. */
export function createChangeHabits(log: Platform['log']): ChangeHabits {
  const noticed = new Set<ChangeHabitName>();
  return {
    withoutPatch: new Set(),
    membersPerRequest: undefined,
    filterWorks: new Map(),
    notice(habit, details = {}) {
      if (noticed.has(habit)) return;
      noticed.add(habit);
      log({ level: 'info', event: 'provider_habit_noticed', habit, ...details });
    },
  };
}
