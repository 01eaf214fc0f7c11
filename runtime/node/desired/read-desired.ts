import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ConnectorError } from '../../../connector/errors.ts';
import { isPrivate } from '../../../connector/is-loopback.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { DesiredInput } from '../../connector.ts';
import { whyUnreadable } from '../why-unreadable.ts';
import { decodeText } from './decode-text.ts';
import { parseSheet } from './parse-sheet.ts';

/**
 * Reads a desired state from a file or an `https:` URL: a sheet (CSV with any usual separator and encoding), JSON (a list of
 * users, or a SCIM list response), or JSON lines.
 *
 * @throws ConnectorError `invalid_input` if it cannot be read
 *
 * @example
 * ```ts
 * const plan = await connector.plan(await readDesired('people.csv'), { ownedBy: { externalIdPrefix: 'hr-' } });
 * ```
 */
export async function readDesired(location: string): Promise<DesiredInput> {
  const isUrl = /^https?:\/\//i.test(location);
  const source = isUrl ? location.replace(/[?#].*$/, '') : basename(location);
  return readDesiredBytes(isUrl ? await fetchBytes(location, source) : await readBytes(location), source);
}

/** Reads a desired state from the content of a file. @throws ConnectorError `invalid_input` */
export function readDesiredBytes(bytes: Uint8Array, source: string): DesiredInput {
  const format = foreignFormat(bytes);
  if (format !== undefined)
    throw unreadable(
      source,
      `is ${format}, not a sheet that can be read.`,
      'Export the sheet as CSV (UTF-8).',
    );
  const { text, guessed } = decodeText(bytes);
  if (guessed !== undefined && controlCharacter.test(text))
    throw unreadable(
      source,
      `is neither in UTF-8 nor in ${guessed}: it has characters that no name has.`,
      'Export the sheet as CSV (UTF-8).',
    );
  const desired = parseDesired(text, source);
  if (guessed === undefined) return desired;
  const note = `${source} states no encoding. It was read as ${guessed}.`;
  return { ...desired, notes: [note, ...(desired.notes ?? [])] };
}

/** A file of MS-DOS, read as Windows-1252, has these in place of some letters. */
const controlCharacter = /[\u0080-\u009f]/;

/** What people pass for a sheet, by how the file begins (in Latin-1). */
const foreignFormats: Readonly<Record<string, string>> = {
  'PK\u0003\u0004': 'a workbook (.xlsx, .ods, or .numbers)',
  '\u00D0\u00CF\u0011\u00E0': 'a workbook (.xls)',
  '%PDF-': 'a PDF',
  '<': 'a web page or XML',
};

function foreignFormat(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 100))
    .toString('latin1')
    .replace(/^\u00EF\u00BB\u00BF/, '');
  return Object.entries(foreignFormats).find(([prefix]) => start.trimStart().startsWith(prefix))?.[1];
}

/** Parses a desired state: JSON if it looks like it, otherwise a sheet. @throws ConnectorError `invalid_input` */
export function parseDesired(text: string, source: string): DesiredInput {
  const content = text.replace(/^\uFEFF/, '').trimStart();
  if (content === '')
    throw unreadable(source, 'is empty.', 'Pass a file with a header and a row for each user.');
  if (content.startsWith('[')) return { users: listOf(parseJson(content, source), source), source };
  if (!content.startsWith('{')) return parseSheet(text, source);
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > 1 && lines.every((line) => line.trimStart().startsWith('{'))) {
    const users = lines.map((line, index) => parseJson(line, `line ${index + 1} of ${source}`));
    return { users: listOf(users, source), source };
  }
  const whole = parseJson(content, source);
  const list = isRecord(whole) ? (whole.users ?? whole.Resources) : undefined;
  return { users: listOf(list ?? [whole], source), source };
}

function listOf(value: unknown, source: string): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value) && value.every(isRecord)) return value;
  throw unreadable(source, 'is not a list of users.', 'Pass a JSON list with one object for each user.');
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw unreadable(source, `is not JSON: ${error.message}.`, 'Correct it, and try again.');
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, `cannot be read: ${whyUnreadable(error)}.`, 'Check the path.');
  }
}

const timeoutInMs = 60_000;

/** A desired state decides who has access, so that nobody may change it on its way. */
async function fetchBytes(location: string, source: string): Promise<Uint8Array> {
  const url = URL.parse(location);
  if (url === null || !isPrivate(url))
    throw unreadable(
      source,
      'is not an https: URL.',
      'Use https:, so that nobody can change the desired state on its way.',
    );
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutInMs) });
    if (!response.ok) throw unreadable(source, `responds with status ${response.status}.`, 'Check the URL.');
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    const { cause = error } = error instanceof Error ? error : {};
    throw unreadable(
      source,
      `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      'Check the URL.',
    );
  }
}

function unreadable(source: string, problem: string, nextStep: string): ConnectorError {
  return new ConnectorError('invalid_input', { what: `${source} ${problem}`, nextStep });
}
