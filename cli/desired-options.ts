import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Connector, DesiredInput } from '../runtime/connector.ts';
import { createConnector } from '../runtime/create-connector.ts';
import { readDesired } from '../runtime/node/desired/read-desired.ts';
import { readProvider } from '../runtime/node/desired/read-provider.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';
import { type ColumnMap, columnMapProblem } from '../sync/column-map.ts';
import { ownershipForms, parseOwnership } from '../sync/ownership.ts';
import type { LossesByKind, MatchKey, Ownership, PlanOptions } from '../sync/plan-options.ts';
import { fitReadyMap, type ReadyMapName, readyMaps } from '../sync/ready-maps.ts';
import { bestReadyMap } from '../sync/suggest-map.ts';
import { loadConnection } from './connections/named-connection.ts';
import { UsageError } from './errors.ts';
import { collect, readJsonFile } from './options.ts';

/** The options that describe a desired state, and what it owns. */
export interface DesiredOptions {
  readonly desired?: string;
  readonly desiredConnection?: string;
  readonly desiredBaseUrl?: string;
  readonly desiredTokenEnv?: string;
  readonly map?: string;
  readonly ownedBy?: Ownership;
  readonly neverTouch: readonly string[];
  readonly matchBy?: readonly MatchKey[];
  readonly missing?: 'deactivate' | 'delete' | 'keep';
  readonly groups?: PlanOptions['groups'];
  readonly createGroups?: boolean;
  readonly massChangeLimit?: number;
  /** The losses of earlier rounds of a watch in the past day. */
  readonly earlierLosses?: LossesByKind;
}

/** Adds the options that describe a desired state. */
export function addDesiredOptions(command: Command): Command {
  return command
    .option(
      '--desired <file>',
      'the users as they should be: CSV, JSON, or JSON lines, in a file or at an https: URL',
    )
    .option(
      '--desired-connection <name>',
      'another SCIM provider whose users are the desired state, as stored by rolecall connect',
    )
    .option('--desired-base-url <url>', 'another SCIM provider whose users are the desired state')
    .option('--desired-token-env <name>', 'the environment variable with the token of that provider')
    .option(
      '--map <file>',
      'what the columns mean, as JSON from "rolecall plan init", or okta, entra, or google',
    )
    .addOption(
      new Option('--owned-by <rule>', `which users may be deactivated: ${ownershipForms}`).argParser(
        readOwnedBy,
      ),
    )
    .addOption(
      new Option(
        '--never-touch <pattern>',
        'a username, external ID, or ID that is never changed; * is any text; repeatable',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--match-by <keys>',
        'how rows find their users: id, externalId, userName, in this order',
      ).argParser(readMatchBy),
    )
    .addOption(
      new Option('--missing <what>', 'what happens to owned users who are not in the desired state').choices([
        'deactivate',
        'delete',
        'keep',
      ]),
    )
    .addOption(
      new Option(
        '--groups <names>',
        'the groups whose members are set: all, or names with commas between them',
      ).argParser((text: string) =>
        text === 'all' || text === 'named' ? text : text.split(',').map((name) => name.trim()),
      ),
    )
    .option('--create-groups', 'create the groups that do not exist')
    .addOption(
      new Option(
        '--mass-change-limit <number>',
        'the number of users who may lose access or a role without approval',
      ).argParser(readCount),
    );
}

/** The flags for the options of a plan in the library. A filter is the only part of them that is read by itself. */
export const planFlags: Readonly<Record<string, string>> = Object.freeze({
  ownedBy: '--owned-by',
  filter: '--owned-by',
  neverTouch: '--never-touch',
  matchBy: '--match-by',
  missing: '--missing',
  groups: '--groups',
  createGroups: '--create-groups',
  massChangeLimit: '--mass-change-limit',
});

/** The options of a plan, as the library accepts them. */
export function planOptionsOf(options: DesiredOptions): PlanOptions {
  const { ownedBy, neverTouch, matchBy, missing, groups, createGroups, massChangeLimit, earlierLosses } =
    options;
  return { ownedBy, neverTouch, matchBy, missing, groups, createGroups, massChangeLimit, earlierLosses };
}

/** The options that name a desired state. */
export function namedDesired({
  desired,
  desiredConnection,
  desiredBaseUrl,
}: DesiredOptions): readonly string[] {
  return [desired, desiredConnection, desiredBaseUrl].filter((one) => one !== undefined);
}

/** @throws UsageError unless the options name one desired state */
export function assertOneDesired(options: DesiredOptions): void {
  if (namedDesired(options).length === 1) return;
  throw new UsageError(
    'Pass one desired state: a file with --desired, or another provider with --desired-connection or --desired-base-url.',
  );
}

/** Reads the desired state that the options name. @throws UsageError or ConnectorError */
export async function readDesiredOf(options: DesiredOptions, target: Connector): Promise<DesiredInput> {
  const { desired, map } = options;
  assertOneDesired(options);
  const input = desired === undefined ? await readOtherProvider(options, target) : await readDesired(desired);
  return map === undefined ? input : { ...input, ...readMap(map, input) };
}

/** Reads `--map`: the name of a ready map, or a file. @throws UsageError */
export function readMap(
  name: string,
  { users, columns: named, notes = [] }: DesiredInput,
): Pick<DesiredInput, 'map' | 'notes'> {
  if (Object.hasOwn(readyMaps, name)) {
    const columns = named ?? [...new Set(users.flatMap((user) => Object.keys(user)))];
    const map = fitReadyMap(readyMaps[name as ReadyMapName], columns);
    // Another source can have a few columns of the same name: their meaning would then be a guess.
    if (columns.length > 0 && !Object.values(map).includes('userName')) throw noSuchExport(name, columns);
    const ignored = columns.filter((column) => map[column] === null);
    const more = ignored.length === 0 ? [] : [`The map ${name} ignores ${ignored.join(', ')}.`];
    return { map, notes: [...notes, ...more] };
  }
  if (!/[./\\]/.test(name)) {
    const hint = didYouMean(name, Object.keys(readyMaps));
    throw new UsageError(
      `There is no map "${name}"${hint}. Pass a file, or one of ${Object.keys(readyMaps).join(', ')}.`,
    );
  }
  const json = readJsonFile(name);
  const problem = columnMapProblem(json);
  if (problem !== undefined) throw new UsageError(`${name} ${problem}. "rolecall plan init" writes a map.`);
  return { map: json as ColumnMap };
}

function noSuchExport(name: string, columns: readonly string[]): UsageError {
  const [login] =
    Object.entries(readyMaps[name as ReadyMapName]).find(([, rule]) => rule === 'userName') ?? [];
  const ready = bestReadyMap(columns);
  const hint =
    ready === undefined
      ? '"rolecall plan init FILE" writes a map of the columns'
      : `The columns look like an export that "--map ${ready}" can read`;
  return new UsageError(
    `--map ${name} needs the column "${login}", and the source does not have it. ${hint}.`,
  );
}

async function readOtherProvider(
  { desiredConnection, desiredBaseUrl = '', desiredTokenEnv }: DesiredOptions,
  target: Connector,
): Promise<DesiredInput> {
  const input =
    desiredConnection === undefined
      ? { baseUrl: desiredBaseUrl, token: tokenFrom(desiredTokenEnv) }
      : (await loadConnection(desiredConnection)).input;
  const other = createConnector(input);
  try {
    return { ...(await readProvider(other, target.definition)), source: desiredConnection ?? desiredBaseUrl };
  } finally {
    other.close();
  }
}

function tokenFrom(variable: string | undefined): string {
  if (variable === undefined)
    throw new UsageError('--desired-token-env is missing. Pass the environment variable with the token.');
  const token = process.env[variable]?.trim() ?? '';
  if (token === '') throw new UsageError(`The environment variable ${variable} is not set.`);
  return token;
}

/** Reads `--owned-by`. @throws InvalidArgumentError */
export function readOwnedBy(text: string): Ownership {
  const ownership = parseOwnership(text);
  if (ownership !== undefined) return ownership;
  throw new InvalidArgumentError(`Pass ${ownershipForms}, such as externalId:hr-.`);
}

function readMatchBy(text: string): readonly MatchKey[] {
  const known: readonly MatchKey[] = ['id', 'externalId', 'userName'];
  const keys = text.split(',').map((key) => key.trim());
  const found = keys.flatMap((key) => known.find((one) => one === key) ?? []);
  if (found.length === keys.length) return found;
  throw new InvalidArgumentError('Pass one or more of id, externalId, userName, with commas between them.');
}

function readCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A limit is a whole number.');
}
