/** The most names that a sentence lists. */
const mostListed = 10;

/** Names as a sentence lists them: the first ten, and whether there are more. */
export function listSome(names: readonly string[]): string {
  return `${names.slice(0, mostListed).join(', ')}${names.length > mostListed ? ', …' : ''}`;
}
