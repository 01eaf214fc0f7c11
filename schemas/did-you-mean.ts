import { checkTexts } from './check-texts.ts';
import { fill } from './fill.ts';

/** " (did you mean "userName"?)", or nothing when no known name is near. Case and punctuation do not count. */
export function didYouMean(name: string, known: readonly string[]): string {
  const wanted = folded(name);
  const near = known.find((one) => editDistance(wanted, folded(one)) <= 2);
  return near === undefined ? '' : fill(checkTexts.suggestion, { name: near });
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** How many characters to insert, remove or replace, as far as 2; more is 3 or more. */
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
