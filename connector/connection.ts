import { check } from '../schemas/check.ts';
import type { JsonSchema } from '../schemas/json-schema.ts';
import { type InputProblem, invalidInput } from './errors.ts';
import { isPrivate } from './is-loopback.ts';
import { problemTexts } from './problem-texts.ts';
import { withDefaults } from './read-input.ts';

/** A validated connection to one SCIM service, with all defaults. */
export interface Connection {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly token: string;
  readonly timeoutInMs: number;
  readonly deadlineInMs: number;
  readonly concurrency: number;
  readonly requestsPerMinute?: number;
  readonly maxResponseBytes: number;
  readonly allowPlainHttp: boolean;
}

/**
 * The connection input of a caller. Omitted fields have the defaults in the manifest.
 *
 * @example
 * ```ts
 * const input: ConnectionInput = {
 *   baseUrl: 'https://workato.com/scim/v2',
 *   token: process.env.SCIM_TOKEN ?? '',
 *   requestsPerMinute: 60,
 * };
 * ```
 */
export type ConnectionInput = Pick<Connection, 'baseUrl' | 'token'> & Partial<Connection>;

/**
 * Validates a connection against the fields in the manifest, and applies their defaults.
 *
 * @throws ConnectorError `invalid_input`
 */
export function readConnection(schema: JsonSchema, input: ConnectionInput): Connection {
  const problems = check(schema, input);
  if (problems.length > 0)
    throw invalidInput(problems.map(({ path, message }) => ({ path: `connection.${path}`, message })));
  // The schema has just verified that the given values have the right types, and that the rest has defaults.
  const connection = withDefaults(schema, { ...input }) as unknown as Connection;
  const { url, problem } = readBaseUrl(connection);
  if (url === undefined) throw invalidInput([problem]);
  if (/[^\x21-\x7e]/.test(connection.token)) {
    throw invalidInput([{ path: 'connection.token', message: problemTexts.tokenCharacter }]);
  }
  return Object.freeze({ ...connection, baseUrl: url });
}

type BaseUrl =
  | { readonly url: string; readonly problem?: never }
  | { readonly url?: never; readonly problem: InputProblem };

function readBaseUrl({ baseUrl, allowPlainHttp }: Connection): BaseUrl {
  const refuse = (message: string): BaseUrl => ({ problem: { path: 'connection.baseUrl', message } });
  const url = URL.parse(baseUrl);
  if (url === null) return refuse(problemTexts.notAUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse(problemTexts.notHttps);
  if (url.username !== '' || url.password !== '') return refuse(problemTexts.hasCredentials);
  if (url.search !== '' || url.hash !== '') return refuse(problemTexts.hasQuery);
  if (!isPrivate(url) && allowPlainHttp !== true) return refuse(problemTexts.plainHttp);
  return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}
