/**
 * Folds the case of text as RFC 7643 compares attributes that are not `caseExact`. Only characters that have one partner
 * in the other case are folded: the Kelvin sign becomes `k` in JavaScript, and would make two users look like one.
 */
export function foldCase(text: string): string {
  // Most text that is compared often is folded already, and then needs no copy.
  if (/^[\x20-@[-\x7e]*$/.test(text)) return text;
  return /^[\x20-\x7e]*$/.test(text) ? text.toLowerCase() : Array.from(text, foldCharacter).join('');
}

function foldCharacter(character: string): string {
  const lower = character.toLowerCase();
  return lower.toUpperCase() === character ? lower : character;
}
