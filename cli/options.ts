import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ConnectionInput } from '../connector/connection.ts';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { Overlay } from '../connector/manifest/overlay.zod.ts';
import { parseOverlay } from '../connector/manifest/parse-manifest.zod.ts';
import { type ProfileParameters, withProfile } from '../connector/profile.ts';
import { hasQuote, renameFields, renameKeys } from '../connector/rename-fields.ts';
import manifest from '../manifest.json' with { type: 'json' };
import { whyUnreadable } from '../runtime/node/why-unreadable.ts';
import { profileOverlay } from '../runtime/profiles.ts';
import { type AuthOptions, addAuthOptions, authFlagOf, readAuthOptions } from './auth-options.ts';
import { addNamedConnectionOption, type NamedConnection } from './connections/named-connection.ts';
import { UsageError } from './errors.ts';

/** Collects the values of an option that may be repeated. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** The connection options of a command. */
export type ConnectionOptions = AuthOptions & {
  readonly baseUrl?: string;
  readonly set: readonly string[];
  /** What --connection has loaded. */
  readonly namedConnection?: NamedConnection;
  readonly profile?: string;
  readonly parameter?: readonly string[];
};

/** Adds the options of a connection to a command: each one, and --connection in place of most of them. */
export function addConnectionOptions(command: Command): Command {
  const others = command.options.length;
  const added = addNewConnectionOptions(command).options.slice(others);
  return addNamedConnectionOption(
    command,
    added.filter(({ long }) => long !== '--set' && long !== '--profile'),
  );
}

/** Adds the options that describe a connection. */
export function addNewConnectionOptions(command: Command): Command {
  return addAuthOptions(command)
    .addOption(new Option('--base-url <url>', 'the URL of the SCIM service').env('SCIM_BASE_URL'))
    .addOption(
      new Option(
        '--profile <name>',
        'the profile of the provider, as listed by rolecall profiles, or a file',
      ),
    )
    .addOption(
      new Option('--parameter <key=value>', "a parameter of the profile's base URL; repeatable")
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('--set <field=value>', 'another connection field, such as deadlineInMs=30000; repeatable')
        .argParser(collect)
        .default([], 'none'),
    );
}

/** Reads a connection from the options and the environment. @throws UsageError */
export function readConnectionOptions(
  options: ConnectionOptions,
  { connection, profile }: ConnectorDefinition,
): ConnectionInput {
  const { baseUrl: given, set, parameter, namedConnection } = options;
  if (namedConnection !== undefined)
    return withProfile(profile, { ...namedConnection.input, ...readSet(set, connection) });
  const input = {
    ...readSet(set, connection),
    ...(given !== undefined && given !== '' && { baseUrl: given }),
  };
  const { baseUrl, ...rest } = withProfile(profile, input, readParameters(parameter ?? []));
  if (baseUrl === undefined)
    throw new UsageError(
      '--base-url is missing. Pass the URL of the SCIM service, set SCIM_BASE_URL, or pass --connection NAME.',
    );
  return { ...rest, baseUrl, auth: readAuthOptions(options) };
}

/** Reads `--profile`: a name, or a file. @throws UsageError or ManifestError, which name the file */
export function readProfile(profile: string | undefined): readonly unknown[] {
  if (profile === undefined) return [];
  if (!isProfileFile(profile)) return [profileOverlay(profile)];
  const overlay = parseOverlay(readJsonFile(profile), profile);
  if (overlay.profile === undefined)
    throw new UsageError(
      `${profile} is an overlay without a profile. Add one, or pass the file to --overlay instead.`,
    );
  return [overlay];
}

/** Whether `--profile` has the path of a file: no profile of this package has a dot or a slash in its name. */
export function isProfileFile(profile: string): boolean {
  return /[./\\]/.test(profile);
}

function readParameters(given: readonly string[]): ProfileParameters {
  return Object.fromEntries(
    given.map((text) => {
      const [key = '', value = ''] = text.split(/=(.*)/s);
      if (value === '') throw new UsageError(`--parameter ${key} has no value. Pass key=value.`);
      return [key, value];
    }),
  );
}

/** Reads the fields of `--set`. @throws UsageError */
export function readSet(
  set: readonly string[],
  { fields: known }: ConnectorDefinition['connection'],
): Readonly<Record<string, unknown>> {
  const fields = set.map((text) => {
    const [name = '', value] = text.split(/=(.*)/s);
    const type = known.find(({ key }) => key === name)?.schema.type;
    const names = known.map(({ key }) => key);
    if (type === undefined)
      throw new UsageError(`--set ${name} is not known. Pass field=value, with one of ${names.join(', ')}.`);
    if (value === undefined)
      throw new UsageError(
        `--set ${name} has no value. Pass one, such as ${name}=${type === 'boolean' ? 'true' : '…'}.`,
      );
    return [name, type === 'string' ? value : readScalar(value)] as const;
  });
  return Object.fromEntries(fields);
}

/** The flag for a field of the connection or an option, as error messages name it; undefined for fields of an input. */
export function flagOf(path: string): string | undefined {
  if (path === 'profile') return '--profile';
  if (path === 'map') return '--map';
  if (path === 'dryRun') return '--dry-run';
  const [, parameter] = /^parameters\.(.*)/.exec(path) ?? [];
  if (parameter !== undefined) return `--parameter ${parameter}`;
  if (path === 'cursor') return 'the state file (--state)';
  return connectionFlagOf(path);
}

/** The flag for a field of the connection, as error messages name it. */
export function connectionFlagOf(path: string): string | undefined {
  if (path === 'baseUrl') return '--base-url';
  const isField = manifest.connection.fields.some(({ key }) => key === path);
  return isField ? `--set ${path}` : authFlagOf(path);
}

/** Why a row or change failed, in flags. Without a code, it is no error; invalid input names the fields of the row. */
export function reasonInFlags(code: string | undefined, message: string): string {
  const isError = code !== undefined && code !== 'invalid_input';
  return !isError || hasQuote(message) ? message : renameKeys(message, flagOf);
}

/** The flag of a filter, for {@link withFlags}. */
export const filterFlag = Object.freeze({ filter: '--filter' });

/** Runs something whose errors name the options of the library, and renames these to the flags of a command. */
export async function withFlags<Result>(
  flags: Readonly<Record<string, string>>,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    // `ownedBy.filter` is a part of `ownedBy`.
    throw renameFields(error, (path) => flags[path.split('.', 1)[0] ?? path]);
  }
}

/** Parses JSON. Other text stays a string, so that the validation can say what it should be. */
export function readScalar(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** `--overlay FILE`, repeatable: a provider's own attributes and actions. */
export function overlayOption(): Option {
  return new Option('--overlay <file>', "a provider's own attributes and actions, as JSON; repeatable")
    .argParser(collect)
    .default([], 'none');
}

/** Reads the files of `--overlay`. @throws UsageError or ManifestError, which name the file */
export function readOverlays(files: readonly string[]): readonly Overlay[] {
  return files.map((file) => parseOverlay(readJsonFile(file), file));
}

/** Reads JSON from a file. @throws UsageError with the file and the position of the syntax error. */
export function readJsonFile(path: string): unknown {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${whyUnreadable(error)}. Check the path.`);
  }
  return parseJson(content, path);
}

/** Reads the value of `--input`: JSON itself, `@FILE`, or `-` for standard input. @throws UsageError */
export async function readInput(value: string): Promise<unknown> {
  if (value === '-') return parseJson(await text(process.stdin), 'standard input');
  if (value.startsWith('@')) return readJsonFile(value.slice(1));
  return parseJson(value, '--input');
}

/** Parses JSON. @throws UsageError with the position of the syntax error */
export function parseJson(content: string, source: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      content.trim() === ''
        ? `${source} is empty. Pass JSON, such as {}.`
        : `${source} is not JSON: ${reason}.`,
      { cause: error },
    );
  }
}

const unitsInMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const longestInMs = 24 * 3_600_000;

/** Reads a duration, such as `500ms`, `30s`, `5m` or `1h`, in milliseconds. @throws InvalidArgumentError */
export function readDuration(text: string): number {
  const [, digits, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(digits) * (unitsInMs[unit] ?? Number.NaN);
  if (ms > 0 && ms <= longestInMs) return ms;
  throw new InvalidArgumentError(
    'A duration is a number with a unit, such as 500ms, 30s, 5m, or 1h, up to 24h.',
  );
}

/** Reads a port from an option. @throws InvalidArgumentError */
export function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}
