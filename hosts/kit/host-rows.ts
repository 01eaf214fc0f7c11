import type { Packager } from './packager.ts';

/** The heads of a table of hosts. */
export const hostHeads = ['host', 'package', 'actions', 'triggers that poll', 'pushed events', 'it cannot'];

/** What each host can and cannot do, as the rows of a table. */
export function hostRows(packagers: readonly Packager[]): readonly (readonly string[])[] {
  return packagers.map(({ name, title, abilities: { actions, polls, pushes, cannot } }) => [
    name,
    title,
    actions,
    polls,
    pushes,
    cannot,
  ]);
}
