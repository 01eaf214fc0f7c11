const width = 109;

// Characters that an editor would hide, or break a line at, are escaped.
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Prints JSON for a Ruby heredoc: compact, but with local diffs. Each entry of the first two levels
 * begins a line, and long entries continue on the next. No string contains a line break.
 */
export function printData(data: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const sections = Object.entries(data).map(([name, entries]) => {
    const lines = Object.entries(entries).map(([key, value]) => wrap(`${print(key)}:${print(value)}`));
    return `${print(name)}:{\n${lines.join(',\n')}}`;
  });
  return `{${sections.join(',\n')}}`;
}

function print(value: unknown): string {
  return JSON.stringify(value).replace(hidden, escaped);
}

/** Breaks lines after the commas between values. */
function wrap(json: string): string {
  const pieces = json.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+,?/g) ?? [json];
  let length = 0;
  return pieces
    .map((piece) => {
      const fits = length === 0 || length + piece.length <= width;
      length = fits ? length + piece.length : piece.length + 1;
      return fits ? piece : `\n ${piece}`;
    })
    .join('');
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
