import { check } from '../schemas/check.ts';
import { checkTexts } from '../schemas/check-texts.ts';
import { fill } from '../schemas/fill.ts';
import type { JsonSchema } from '../schemas/json-schema.ts';
import { authProblems } from './auth-problems.ts';
import { type InputProblem, invalidInput } from './errors.ts';
import type { Auth, BearerAuth } from './generated/types.ts';
import { isPrivate } from './is-loopback.ts';
import { problemTexts } from './problem-texts.ts';
import { type Values, withDefaults } from './read-input.ts';

/** A validated connection to one SCIM service, with all defaults. */
export interface Connection extends ConnectionLimits {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly auth: Readonly<Auth>;
}

/** What a connection limits and permits, whatever its method. */
export interface ConnectionLimits {
  readonly timeoutInMs: number;
  readonly deadlineInMs: number;
  readonly concurrency: number;
  readonly requestsPerMinute?: number;
  readonly maxResponseBytes: number;
  readonly allowPlainHttp: boolean;
}

/**
 * The connection input of a caller: `token` for a bearer token, or `auth` for any method. Omitted fields have the
 * defaults in the manifest.
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
export type ConnectionInput = Pick<Connection, 'baseUrl'> &
  Partial<ConnectionLimits> &
  (
    | (Pick<BearerAuth, 'token'> & { readonly auth?: undefined })
    | { readonly auth: Readonly<Auth>; readonly token?: undefined }
  );

/**
 * Validates a connection against the fields in the manifest, and applies their defaults.
 *
 * @throws ConnectorError `invalid_input`
 */
export function readConnection(schema: JsonSchema, input: ConnectionInput): Connection {
  const shapes = schema.properties?.auth?.oneOf ?? [];
  const { fields, shorthand } = splitShorthand(input, shapes[0]);
  const malformed = [...check(schema, input), ...shorthandProblems(fields.auth, shorthand, shapes[0])];
  if (malformed.length > 0) throw invalidInput(malformed.map(inConnection));
  // The schema has just verified that the given values have the right types, and that the rest has defaults.
  const given = (fields.auth ?? { type: typeOf(shapes[0]), ...shorthand }) as Auth;
  const shape = shapes.find((one) => typeOf(one) === given.type) ?? {};
  const auth = Object.freeze(withDefaults(shape, { ...given })) as Auth;
  const connection = { ...withDefaults(schema, fields), auth } as unknown as Connection;

  const { url, problem } = readBaseUrl(connection);
  const authPath = fields.auth === undefined ? '' : 'auth.';
  const problems = [
    ...(problem === undefined ? [] : [problem]),
    ...authProblems(auth, connection).map(({ path, message }) => ({ path: authPath + path, message })),
  ];
  if (url === undefined || problems.length > 0) throw invalidInput(problems.map(inConnection));
  return Object.freeze({ ...connection, baseUrl: url });
}

function inConnection({ path, message }: InputProblem): InputProblem {
  return { path: `connection.${path}`, message };
}

function typeOf({ properties }: JsonSchema = {}): unknown {
  return properties?.type?.enum?.[0];
}

/** The fields of the default method can be given without `auth`: `token`. */
function splitShorthand(
  input: ConnectionInput,
  { properties = {} }: JsonSchema = {},
): { readonly fields: Values & { readonly auth?: unknown }; readonly shorthand: Values } {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  const isShort = ([key]: readonly [string, unknown]): boolean =>
    key !== 'type' && Object.hasOwn(properties, key);
  return {
    fields: Object.fromEntries(given.filter((entry) => !isShort(entry))),
    shorthand: Object.fromEntries(given.filter(isShort)),
  };
}

function shorthandProblems(
  auth: unknown,
  shorthand: Values,
  { required = [] }: JsonSchema = {},
): readonly InputProblem[] {
  const given = Object.keys(shorthand);
  if (auth === undefined) {
    const missing = required.filter((key) => key !== 'type' && !given.includes(key));
    return missing.map((path) => ({ path, message: checkTexts.required }));
  }
  return given.map((key) => ({ path: 'auth', message: fill(problemTexts.authTwice, { key }) }));
}

type BaseUrl =
  | { readonly url: string; readonly problem?: never }
  | { readonly url?: never; readonly problem: InputProblem };

function readBaseUrl({ baseUrl, allowPlainHttp }: Connection): BaseUrl {
  const refuse = (message: string): BaseUrl => ({ problem: { path: 'baseUrl', message } });
  const url = URL.parse(baseUrl);
  if (url === null) return refuse(problemTexts.notAUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse(problemTexts.notHttps);
  if (url.username !== '' || url.password !== '') return refuse(problemTexts.hasCredentials);
  if (url.search !== '' || url.hash !== '') return refuse(problemTexts.hasQuery);
  if (!isPrivate(url) && allowPlainHttp !== true) return refuse(problemTexts.plainHttp);
  return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}
