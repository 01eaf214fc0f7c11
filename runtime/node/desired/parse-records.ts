import { CsvError, parse } from 'csv-parse/sync';
import { ConnectorError } from '../../../connector/errors.ts';

/** Takes one record of a sheet. */
export type TakeRecord = (cells: readonly string[]) => void;

/**
 * Parses the records of a sheet one by one, so that a large sheet is not kept twice.
 *
 * @throws ConnectorError `invalid_input` with the lines, if quotation marks do not match
 */
export function parseRecords(text: string, separator: string, source: string, take: TakeRecord): void {
  // Blanks around a value. Between tabs, an empty cell would be mistaken for a blank.
  const trims = separator !== '\t';
  if (text.includes('"')) parseQuoted(text, separator, trims, source, take);
  else splitRecords(text.replace(/^\uFEFF/, ''), separator, trims, take);
}

function parseQuoted(
  text: string,
  separator: string,
  trims: boolean,
  source: string,
  take: TakeRecord,
): void {
  let begin = 1;
  try {
    parse(text, {
      bom: true,
      delimiter: separator,
      relax_column_count: true,
      skip_empty_lines: false,
      trim: trims,
      on_record: (cells: readonly string[], { lines }) => {
        begin = lines + 1;
        take(cells);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ConnectorError('invalid_input', {
      what: `${source} is not a sheet that can be read: ${error.message}.`,
      // A quotation mark that is never closed swallows the lines after it: the mistake is where the row begins.
      nextStep: `Its row begins in line ${begin}. Correct the quotation marks from that line on.`,
      cause: error,
    });
  }
}

/** Without quotation marks, every separator and line break counts (RFC 4180 §2). The parser needs ten times as long. */
function splitRecords(text: string, separator: string, trims: boolean, take: TakeRecord): void {
  const lineBreak = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf(lineBreak, start);
    const end = found < 0 ? text.length : found;
    const cells = text.slice(start, end).split(separator);
    take(trims ? cells.map((cell) => cell.trim()) : cells);
    start = end + lineBreak.length;
  }
}
