import { checkTexts } from './check-texts.ts';
import { fill } from './fill.ts';

/**
 * Returns ` (did you mean "userName"?)`, or an empty string if no known name is similar. A name is similar if it has at
 * most two other characters, if the given one abbreviates it (`dept` for `department`), or if it alone contains the given
 * one (`user_role_changed` for `role_changed`). Ignores case and punctuation.
 */
export function didYouMean(name: string, known: readonly string[]): string {
  const wanted = folded(name);
  const near =
    nearest(wanted, known) ?? known.find((one) => abbreviates(wanted, folded(one))) ?? whole(wanted, known);
  return near === undefined ? '' : fill(checkTexts.suggestion, { name: near });
}

function nearest(wanted: string, known: readonly string[]): string | undefined {
  const distances = known.map((one) => editDistance(wanted, folded(one)));
  const least = Math.min(...distances);
  return least <= 2 ? known[distances.indexOf(least)] : undefined;
}

/** Whether a name has the same beginning, and all of its letters occur in the other one in the same order. */
function abbreviates(short: string, whole: string): boolean {
  if (short.length < shortestAbbreviation || !whole.startsWith(short.slice(0, 2))) return false;
  let at = 0;
  for (const letter of whole) if (letter === short[at]) at += 1;
  return at === short.length;
}

/** The one name that contains the given one; undefined if there are several. */
function whole(part: string, known: readonly string[]): string | undefined {
  const found = known.filter((one) => part.length >= shortestPart && folded(one).includes(part));
  return found.length === 1 ? found[0] : undefined;
}

const shortestAbbreviation = 3;
const shortestPart = 4;

function folded(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The edit distance (insertions, deletions, replacements) up to 2. A result of 3 means 3 or more. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 2) return 3;
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, character] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const swapped = (above[column] ?? 0) + (character === other ? 0 : 1);
      current.push(Math.min((current[column] ?? 0) + 1, (above[column + 1] ?? 0) + 1, swapped));
    }
    above = current;
  }
  return above.at(-1) ?? 3;
}
