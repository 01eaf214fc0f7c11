/** A number with its noun: `1 change`, `2 changes`. @param plural - default: the noun with an s */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
