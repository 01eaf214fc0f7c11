import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectorError, createConnector } from '../../../runtime/index.ts';
import { readPlan } from '../../../sync/read-plan.ts';
import { listen } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { pageOf } from '../../support/start-list-server.ts';
import { asJobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

type Values = Readonly<Record<string, unknown>>;
type Resource = Values & { readonly id: string };

/** What both sides read: users and groups that nobody changes. */
interface Directory {
  readonly users: readonly Resource[];
  readonly groups: readonly Resource[];
}

let directory: Directory = { users: [], groups: [] };
let ruby: RubyConnector;
let settings: { readonly baseUrl: string; readonly token: string };
let close: () => Promise<void>;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
  const server = await listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const [, type, id] = pathname.split('/');
    const all = type === 'Users' ? directory.users : type === 'Groups' ? directory.groups : [];
    const one = all.find((resource) => resource.id === id);
    const body = id === undefined ? pageOf([...all], Object.fromEntries(searchParams)) : one;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify(body ?? { status: '404' }));
  });
  close = server.close;
  settings = { baseUrl: server.origin, token: 't' };
});

afterAll(async () => {
  await ruby.close();
  await close();
});

/** The plan of each side, or its error; without when it was made, and so without its ID. */
async function planBoth(input: Values): Promise<{ readonly node: unknown; readonly ruby: unknown }> {
  // Each job on Workato has a connection of its own, so that it knows nothing of the ones before.
  const connector = createConnector(settings);
  const node = await connector
    .run('plan_sync', input)
    .then(shownPlan)
    .catch((error: unknown) => {
      if (error instanceof ConnectorError) return asJobError(error, definition);
      throw error;
    })
    .finally(() => connector.close());
  const { value, error } = await ruby.ask({ do: 'execute', key: 'plan_sync', input, settings });
  return { node, ruby: error === undefined ? shownPlan(value) : readJobError(error) };
}

function shownPlan(output: unknown): unknown {
  // The ID is a hash of everything in the plan as text: the other side can read it only if it is written alike.
  const { createdAt: _, id, ...plan } = readPlan(JSON.parse(String(Object(output).plan)));
  expect(id).toBe(Object(output).planId);
  const { plan: text, planId, ...parts } = Object(output);
  return { plan, parts };
}

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const some = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const without = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const names = ['ada@x.io', 'Ada@X.io', 'bob@x.io', 'zoë@x.io', 'cid@x.io', 'dora@x.io'];
const externalIds = ['hr-1', 'hr-2', 'hr-3', 'x-4'];
const groupNames = ['Analysts', 'analysts', 'Builders', 'Cooks'];
const titles = ['Analyst', 'analyst', 'Müller "QA"', 'a'];

const actualUser = fc.record({
  userName: some(...names),
  externalId: maybe(some(...externalIds)),
  active: some<unknown>(true, true, false, undefined, 'True'),
  title: maybe(some(...titles)),
  name: maybe(fc.record({ givenName: some('Ada', 'Bob'), familyName: maybe(some('King', 'Byron')) })),
  emails: maybe(
    some<unknown>(
      [{ value: 'ada@x.io', type: 'work', primary: true }],
      [
        { value: 'ADA@x.io', type: 'work' },
        { value: 'a@home.io', type: 'home', primary: true },
      ],
      [{ value: 'bob@x.io', display: 'Bob' }],
      [],
    ),
  ),
  phoneNumbers: maybe(some<unknown>([{ value: '+1 (555) 0100', type: 'mobile' }], [{ value: '15550100' }])),
  roles: maybe(some<unknown>([{ value: 'Admin' }], ['Admin', 'Operator'])),
  department: maybe(some('Research', 'R&D')),
  manager: maybe(some('1', '2', '9')),
});
const actualGroup = fc.record({
  displayName: some(...groupNames),
  externalId: maybe(some('g-1', 'g-2')),
  members: maybe(fc.subarray(['1', '2', '3', '4'])),
});

/** Cells as sheets have them. */
const cell = some<unknown>(
  'Analyst',
  ' Analyst ',
  '',
  null,
  'Müller "QA"',
  '#N/A',
  '1,23E+11',
  '\u200bhidden',
  'a\u0000b',
  '2026-12-31',
  '31.12.2026',
  'yes',
  'inactive',
  'TRUE',
  true,
  false,
  7,
  7.5,
  ['a', 'b'],
  'Cafe\u0301',
  'ada@x.io;bob@x.io',
  { value: 'a' },
);
const row = fc.record({
  userName: some<unknown>(...names, ` ${names[0]} `, undefined, ''),
  externalId: some<unknown>(...externalIds, undefined, undefined),
  id: some<unknown>('1', '2', undefined, undefined, undefined),
  title: maybe(cell),
  active: maybe(some<unknown>(true, false, 'no', 'Active', 'maybe', null)),
  givenName: maybe(some('Ada', 'Bob', '')),
  name: maybe(
    some<unknown>({ familyName: 'Byron' }, { familyName: null }, { givenName: 'Ada', familyName: 'King' }),
  ),
  emails: maybe(
    some<unknown>(
      'ada@x.io',
      'no address',
      'a@x.io; b@x.io',
      [{ value: 'c@x.io', type: 'work' }],
      [],
      'ADA@X.IO',
    ),
  ),
  department: maybe(some<unknown>('Research', '', null)),
  [enterprise]: maybe(some<unknown>({ costCenter: '4130' }, { costCenter: null, manager: { value: '2' } })),
  groups: maybe(
    some<unknown>(
      ...groupNames,
      'Analysts;Cooks',
      ['Builders', 'Cooks'],
      [{ value: '1', display: 'Cooks' }],
      'Analyst',
      [],
    ),
  ),
  manager: maybe(some<unknown>(...names, '1', 'hr-1', 'nobody', null, '')),
  'phoneNumbers[type eq "mobile"].value': maybe(some<unknown>('15550100', '1', null)),
});
const options = fc.record({
  ownedBy: maybe(
    some(
      'externalId:hr-',
      'group:Analysts',
      'group:Nobodies',
      'filter:title pr',
      'filter:department eq "Research"',
      'title=Analyst',
      'department=Research',
      'active=true',
      'nothing',
      'titel=x',
      'filter:titel pr',
      'filter:title is',
    ),
  ),
  missing: maybe(some('deactivate', 'delete', 'keep')),
  neverTouch: maybe(some(['ADA*'], ['*'], ['hr-1', 'x.*'])),
  groups: maybe(some(['all'], ['Builders'], ['Cooks', 'Nobodies'], [])),
  createGroups: maybe(fc.boolean()),
  matchBy: maybe(some('externalId', 'userName')),
  safetyLimit: maybe(some(0, 1, 50)),
});

const scenario = fc.record({
  users: fc.array(actualUser, { maxLength: 7 }),
  groups: fc.array(actualGroup, { maxLength: 3 }),
  rows: fc.array(fc.option(row, { freq: 15 }), { maxLength: 7 }),
  options,
});

function toDirectory({ users, groups }: { users: readonly Values[]; groups: readonly Values[] }): Directory {
  return {
    users: users.map(({ department, manager, ...user }, at) => ({
      id: String(at + 1),
      ...without({
        ...user,
        [enterprise]:
          department === undefined && manager === undefined
            ? undefined
            : without({ department, manager: manager === undefined ? undefined : { value: manager } }),
      }),
    })),
    groups: groups.map(({ members, ...group }, at) => ({
      id: `g${at + 1}`,
      ...without({
        ...group,
        members: (members as readonly string[] | undefined)?.map((value) => ({ value })),
      }),
    })),
  };
}

describe('a plan', () => {
  it('reports a row that is null, and holds what it can be about', async () => {
    directory = { users: [{ id: '1', userName: 'ada@x.io', externalId: 'hr-1', active: true }], groups: [] };
    const users = [null, { userName: 'bob@x.io', externalId: 'hr-2' }];
    const { node, ruby: other } = await planBoth({ users, ownedBy: 'externalId:hr-', missing: 'deactivate' });

    expect(other).toEqual(node);
    expect(Object(node).parts).toMatchObject({
      counts: { create: 1, deactivate: 1 },
      holds: [{ changes: 2 }],
      problems: [{ rows: [1], message: 'It must be an object, not null.' }],
    });
  });

  it.each([
    ['option and map', { ownedBy: 'nothing', map: { Login: 7 }, users: [] }, '"Owned users"'],
    ['option and rows', { ownedBy: 'nothing', users: [null, null, null, null, null] }, '"Owned users"'],
    ['map and rows', { map: { Login: 7 }, users: [null, null, null, null, null] }, '"Column map"'],
  ])('reports the same of a wrong %s', async (_, input, named) => {
    const { node, ruby: other } = await planBoth(input);
    expect(other).toEqual(node);
    expect(node).toMatchObject({ code: 'invalid_input', message: expect.stringContaining(named) });
  });

  it('is the same for misspelled patterns, and for values that a spreadsheet has changed', async () => {
    const user = (id: string, title: string) => ({
      id,
      userName: `u${id}@x.io`,
      active: true,
      title,
      phoneNumbers: [{ type: 'work', value: '+49 (30) 12-34' }],
    });
    const titles = ['00123', '12.50', '2024-01-30', '2024-01-30', '000', '100'];
    const cells = ['123', '12.5', '45321', '43859', '0', '1'];
    directory = { users: titles.map((title, at) => user(String(at), title)), groups: [] };
    const users = cells.map((title, at) => ({ userName: `u${at}@x.io`, title, manager: 'u1@x.io' }));
    const input = {
      users,
      neverTouch: ['u5@*', 'nobody@*'],
      ownedBy: 'filter:title eq "Boss"',
      safetyLimit: 50,
    };
    const { node, ruby: other } = await planBoth(input);
    expect(other).toEqual(node);
    expect(node).toMatchObject({
      plan: {
        holds: [{ changes: 5 }],
        notes: expect.arrayContaining([
          expect.stringContaining('"nobody@*"'),
          expect.stringContaining('(filter:title eq "Boss")'),
        ]),
      },
    });
  });

  it('notes the same circles of managers', async () => {
    directory = { users: [{ id: '1', userName: 'u0@x.io' }], groups: [] };
    const circle = (size: number, from: number): readonly Values[] =>
      Array.from({ length: size }, (_, at) => ({
        userName: `u${from + at}@x.io`,
        manager: `u${from + ((at + 1) % size)}@x.io`,
      }));
    const users = [7, 1, 2, 1, 1, 3].flatMap((size, at) => circle(size, at * 10)).toReversed();
    const { node, ruby: onRuby } = await planBoth({ users, matchBy: 'userName' });
    expect(onRuby).toEqual(node);
    expect(node).toMatchObject({
      plan: { notes: expect.arrayContaining(['More circles of managers in the rows: 1.']) },
    });
  });

  it('is the same on Node and on Ruby, for any directory and any rows, down to its ID', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ users, groups, rows, options: given }) => {
        directory = toDirectory({ users, groups });
        const input = { users: rows.map((one) => one && without(one)), ...without(given) };
        const { node, ruby: other } = await planBoth(input);
        expect(other).toEqual(node);
      }),
      { numRuns: Number(process.env.PLANS ?? 60) },
    );
  });
});
