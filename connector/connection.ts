import { check } from '../schemas/check.ts';
import type { JsonSchema } from '../schemas/json-schema.ts';
import { problemTexts } from './error-texts.ts';
import { type InputProblem, invalidInput } from './errors.ts';
import { isPrivate } from './is-loopback.ts';
import { withDefaults } from './with-defaults.ts';

/** A connection to one SCIM service, checked and complete. */
export interface Connection {
  /** Without a slash at its end. */
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
 * A connection as a caller gives it. Omitted fields have the defaults that the manifest declares.
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
 * Checks a connection against the fields that the manifest declares, and fills in their defaults.
 *
 * @throws ConnectorError `invalid_input`
 */
export function readConnection(schema: JsonSchema, input: ConnectionInput): Connection {
  const problems = check(schema, input);
  if (problems.length > 0)
    throw invalidInput(problems.map(({ path, message }) => ({ path: `connection.${path}`, message })));
  // The schema has just said that what was given has the right types, and that the rest has defaults.
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
