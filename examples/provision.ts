// The main use case on one page: provision people from a sheet, change roles, deactivate two, and read everyone back.
// In the sandbox, plans follow: see tour.ts.
// `npm start` runs it against a sandbox in this process. It changes your own provider only if you name its host:
//   SCIM_BASE_URL=https://scim.example.com/v2 SCIM_TOKEN=… npm start -- --provider scim.example.com
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { table } from '../cli/table.ts';
import { type Connector, createConnector, flattenExtensions, type User } from '../runtime/index.ts';
import { startSandbox } from '../sandbox/index.ts';
import { tour } from './tour.ts';

const environments = { workato_role: 'dev', workato_role_test: 'test', workato_role_prod: 'prod' } as const;

type Person = Readonly<Record<string, string>> & { readonly userName: string };

const people: readonly Person[] = parse(readFileSync(new URL('people.csv', import.meta.url)), {
  columns: true,
  bom: true,
});
// A reader such as `head` can close the pipe early; that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const provider = readProvider();
const sandbox = provider === undefined ? await startSandbox({ customRoles: ['Payroll auditor'] }) : undefined;
// A provider's token is only for that provider: the sandbox has its own.
const { baseUrl, token } = provider ?? { baseUrl: sandbox?.scimBaseUrl ?? '', token: sandbox?.token ?? '' };
const connector = createConnector({ baseUrl, token });

try {
  console.log(`SCIM service  ${baseUrl}${sandbox === undefined ? '' : ' (the sandbox, in this process)'}\n`);
  await provision(connector);
  await group(connector);
  const happened = await change(connector);
  await show(connector, happened);
  if (sandbox !== undefined) {
    console.log('');
    await tour(sandbox);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  if (provider !== undefined)
    console.error(
      'The people and their roles are those in examples/people.csv: change it to fit your provider, and run this again. What was done stays.',
    );
  process.exitCode = 1;
} finally {
  connector.close();
  await sandbox?.close();
}

/**
 * The provider to change; undefined for the sandbox. Variables that are set for other commands are not enough: the
 * host must be named on the command line, too.
 */
function readProvider(): { readonly baseUrl: string; readonly token: string } | undefined {
  const { SCIM_BASE_URL: baseUrl = '', SCIM_TOKEN: token = '' } = process.env;
  const provider = readHost();
  const host = URL.parse(baseUrl)?.host;
  if (provider === undefined) {
    if (baseUrl !== '')
      console.error(
        `SCIM_BASE_URL is ignored. To change ${host ?? 'it'}, add: -- --provider ${host ?? 'HOST'}\n`,
      );
    return undefined;
  }
  if (host !== undefined && provider.toLowerCase() === host) return { baseUrl, token };
  const actual = host === undefined ? (baseUrl === '' ? 'is not set' : 'is not a URL') : `is at ${host}`;
  console.error(`--provider is "${provider}", but SCIM_BASE_URL ${actual}. Nothing was changed.`);
  process.exit(2);
}

/** The host after `--provider`; undefined without it. */
function readHost(): string | undefined {
  try {
    return parseArgs({ options: { provider: { type: 'string' } } }).values.provider;
  } catch (error) {
    console.error(
      `${error instanceof Error ? error.message : error}. Pass --provider HOST, or nothing. Nothing was changed.`,
    );
    process.exit(2);
  }
}

async function provision({ actions }: Connector): Promise<void> {
  const startedAtInMs = performance.now();
  const rows = people.map(
    ({
      userName,
      givenName = '',
      familyName = '',
      title = '',
      department = '',
      employeeNumber = '',
      ...roles
    }) => ({
      userName,
      externalId: `hr-${employeeNumber}`,
      name: { givenName, familyName },
      displayName: `${givenName} ${familyName}`,
      emails: [{ value: userName, type: 'work', primary: true }],
      active: true,
      title,
      department,
      employeeNumber,
      ...pick(roles, Object.keys(environments)),
    }),
  );
  const { succeeded, failed, results } = await actions.bulk_users({ action: 'upsert_user', rows });
  for (const { row, user, error } of results)
    if (error !== undefined) console.error(`row ${row} (${user}): ${error.message}`);
  if (failed > 0) throw new Error(`${failed} people could not be provisioned`);
  console.log(`${succeeded} people provisioned in ${Math.round(performance.now() - startedAtInMs)} ms`);
}

async function group({ actions }: Connector): Promise<void> {
  const names = [...new Set(people.flatMap(groupsOf))];
  for (const displayName of names) {
    const { totalResults } = await actions.search_groups({ displayName });
    if (totalResults === 0) await actions.create_group({ displayName });
    const members = people
      .filter((person) => groupsOf(person).includes(displayName))
      .map(({ userName }) => ({ userName }));
    await actions.add_group_members({ group: { displayName }, members });
  }
  console.log(`${names.length} groups filled: ${names.join(', ')}`);
}

/** Applies the column "then": `workato_role_prod=Admin`, or `deactivate`. */
async function change({ actions }: Connector): Promise<ReadonlyMap<string, string>> {
  const happened = new Map<string, string>();
  for (const { userName, then = '', ...before } of people) {
    const [attribute = '', role = ''] = then.split('=');
    if (then === 'deactivate') {
      await actions.deactivate_user({ user: { userName } });
      happened.set(userName, 'deactivated');
    } else if (isRoleAttribute(attribute)) {
      await actions.set_workato_role({ user: { userName }, environment: environments[attribute], role });
      happened.set(userName, `${environments[attribute]}: ${before[attribute]} → ${role}`);
    } else if (then !== '')
      throw new Error(`${userName}: "${then}" in the column "then" is neither "deactivate" nor a role`);
  }
  console.log(`${happened.size} changes: ${[...happened.values()].join(', ')}\n`);
  return happened;
}

/** Reads everyone back, and compares the result with the sheet. */
async function show({ stream }: Connector, happened: ReadonlyMap<string, string>): Promise<void> {
  const awaited = new Map(people.map((person) => [person.userName, person]));
  const rows: string[][] = [];
  for await (const user of stream.search_users({})) {
    const person = awaited.get(user.userName ?? '');
    if (person === undefined) continue;
    const row = rowOf(user, happened.get(person.userName) ?? 'provisioned');
    if (row.slice(4, 8).join() !== expected(person).join())
      throw new Error(`${person.userName} does not match the sheet`);
    awaited.delete(person.userName);
    rows.push(row);
  }
  const heads = 'username,name,department,groups,dev,test,prod,active,change'.split(',');
  for (const line of table(heads, rows, 200)) console.log(line);
  const inactive = rows.filter((row) => row[7] === 'no').length;
  console.log(`\n${rows.length} people read back, ${inactive} of them deactivated`);
  if (awaited.size > 0) throw new Error(`Missing: ${[...awaited.keys()].join(', ')}`);
}

/** The three roles and the active state, after the column "then" is applied. */
function expected({ then = '', ...person }: Person): readonly string[] {
  const [attribute = '', role = ''] = then.split('=');
  const roles = Object.keys(environments).map((name) => (name === attribute ? role : (person[name] ?? '')));
  return [...roles, then === 'deactivate' ? 'no' : 'yes'];
}

function rowOf(user: User, whatHappened: string): string[] {
  const {
    userName = '',
    displayName = '',
    groups = [],
    active,
    department,
    ...roles
  } = flattenExtensions(user);
  return [
    userName,
    displayName,
    department ?? '',
    groups
      .map(({ display, value = '' }) => display ?? value)
      .sort()
      .join(', '),
    roles.workato_role ?? '',
    roles.workato_role_test ?? '',
    roles.workato_role_prod ?? '',
    active === false ? 'no' : 'yes',
    whatHappened,
  ];
}

function groupsOf({ groups = '' }: Person): readonly string[] {
  return groups.split(';').filter((name) => name !== '');
}

function isRoleAttribute(name: string): name is keyof typeof environments {
  return name in environments;
}

function pick(from: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}
