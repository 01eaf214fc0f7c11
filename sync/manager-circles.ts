import { fill } from '../schemas/fill.ts';
import { planTexts } from './plan-texts.ts';
import { rowsText } from './row-texts.ts';

/** A user whose row names a manager. */
export interface ManagedUser {
  readonly row: number;
  readonly name: string;
  /** The manager, by the ID of the user, or of the change that creates the user. */
  readonly manager: string;
}

/** How many circles, and how many users of each, a plan names. */
const mostShown = 5;

/**
 * Notes the users whose managers go in a circle. A provider may accept that, so it is no problem, but most likely a
 * mistake.
 *
 * @param managed - by the ID of the user, or of the change that creates the user
 */
export function managerNotes(managed: ReadonlyMap<string, ManagedUser>): readonly string[] {
  const circles = findCircles(managed)
    .map(fromLowestRow)
    .toSorted(([one], [other]) => (one?.row ?? 0) - (other?.row ?? 0));
  const notes = circles.slice(0, mostShown).map(circleText);
  const rest = circles.length - notes.length;
  return rest > 0 ? [...notes, fill(planTexts.moreManagerCircles, { count: rest })] : notes;
}

function findCircles(managed: ReadonlyMap<string, ManagedUser>): readonly (readonly ManagedUser[])[] {
  const seen = new Set<string>();
  const circles: ManagedUser[][] = [];
  for (const start of managed.keys()) {
    const chain = new Map<string, ManagedUser>();
    let at = start;
    let user = managed.get(at);
    while (user !== undefined && !seen.has(at)) {
      seen.add(at);
      chain.set(at, user);
      at = user.manager;
      user = managed.get(at);
    }
    const users = [...chain.keys()];
    if (chain.has(at)) circles.push([...chain.values()].slice(users.indexOf(at)));
  }
  return circles;
}

function fromLowestRow(circle: readonly ManagedUser[]): readonly ManagedUser[] {
  const rows = circle.map(({ row }) => row);
  const first = rows.indexOf(rows.reduce((one, other) => Math.min(one, other)));
  return [...circle.slice(first), ...circle.slice(0, first)];
}

function circleText(circle: readonly ManagedUser[]): string {
  const rows = rowsText(circle.map(({ row }) => row).toSorted((one, other) => one - other));
  const names = circle.map(({ name }) => name);
  const [first = ''] = names;
  if (names.length === 1) return fill(planTexts.ownManager, { rows, user: first });
  const shown = [...names.slice(0, mostShown), ...(names.length > mostShown ? ['…'] : []), first];
  return fill(planTexts.managerCircle, { rows, users: shown.join(' → ') });
}
