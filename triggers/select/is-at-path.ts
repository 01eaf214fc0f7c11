/**
 * Whether a change at one path is a change of another: they are the same, or one is below the other. A member,
 * `members[value eq "…"]`, is below `members`.
 */
export function isAtPath(changed: string, wanted: string): boolean {
  const [one, other] = [changed.toLowerCase(), wanted.toLowerCase()];
  return one === other || isBelow(one, other) || isBelow(other, one);
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /^[.[:]/.test(path.slice(above.length));
}
