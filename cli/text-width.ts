import fastStringWidth from 'fast-string-width';

const ascii = /^[\x20-\x7e]*$/;

/** The columns that a text takes on a terminal: two for most letters of Chinese and for emoji, none for combining marks. */
export function widthOf(text: string): number {
  return ascii.test(text) ? text.length : fastStringWidth(text.normalize('NFC'));
}

/** A text with blanks after it, up to a width. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** As much of the beginning of a text as fits a width, in whole characters as a reader sees them. */
export function firstColumns(text: string, width: number): string {
  if (ascii.test(text)) return text.slice(0, width);
  let taken = 0;
  let end = 0;
  // Only a text that is cut needs it: the first one takes as long to create as a small command takes to start.
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    taken += widthOf(segment);
    if (taken > width) break;
    end += segment.length;
  }
  return text.slice(0, end);
}
