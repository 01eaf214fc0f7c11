/**
 * The help of a reference without the sentence about its fields: it applies to hosts in which each way to identify a
 * resource is a field of its own.
 */
export function helpWithoutFields(help: string): readonly string[] {
  return help
    .split(/(?<=\.) /)
    .filter((sentence) => sentence !== '' && !sentence.includes('exactly one of these fields'));
}
