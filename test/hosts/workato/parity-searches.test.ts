import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { withFieldNames } from '../../../hosts/workato/field-names.ts';
import { ConnectorError, createConnector } from '../../../runtime/index.ts';
import { listen } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { asJobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const userOf = (id: string, active: boolean, department: string, role: string, type: string) => ({
  id,
  userName: `user-${id}@example.com`,
  active,
  emails: [{ value: `user-${id}@example.com`, type }],
  [enterprise]: { department },
  [workato]: { workato_role: role },
});
const users = [
  userOf('1', true, 'R&D', 'Operator', 'home'),
  userOf('2', false, 'Sales', 'Admin', 'home'),
  userOf('3', true, 'Sales', 'Operator', 'work'),
];

let ruby: RubyConnector;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => ruby.close());

/** The status and the users of a response to a query. */
type Provider = (query: URLSearchParams) => readonly [status: number, users: readonly object[]];

const ignoresFilters: Provider = (query) => [200, query.has('startIndex') ? [] : users];

/** Answers each filter with an empty list, and shows only the first page of the whole list. */
const hidesLaterPages: Provider = (query) => {
  if (query.has('filter')) return [200, []];
  return query.has('startIndex') ? [403, []] : [200, users.slice(0, 2)];
};

/** Starts a provider that notes the queries that it gets. */
async function startProvider(
  answer: Provider,
): Promise<{ settings: { baseUrl: string; token: string }; sent: object[] }> {
  const sent: object[] = [];
  const { origin, close } = await listen((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    sent.push(Object.fromEntries(searchParams));
    const [status, shown] = answer(searchParams);
    const isEmpty = searchParams.has('filter') && shown.length === 0;
    response.writeHead(status, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify({ totalResults: isEmpty ? 0 : users.length, Resources: shown }));
  });
  closing.push(close);
  return { settings: { baseUrl: origin, token: 't' }, sent };
}

/** What a search comes to on both sides, which must be the same, and what it sends. */
async function search(
  input: object,
  provider = ignoresFilters,
): Promise<{ outcome: object; sent: readonly object[] }> {
  const [forNode, forRuby] = [await startProvider(provider), await startProvider(provider)];
  await using node = createConnector(forNode.settings);
  const expected = await node.run('search_users', input).then(
    (output) => ({ output: withFieldNames(output) }),
    (error: unknown) => {
      if (error instanceof ConnectorError) return asJobError(error, definition);
      throw error;
    },
  );
  const settings = forRuby.settings;
  const { value, error } = await ruby.ask({ do: 'execute', key: 'search_users', input, settings });
  const outcome = error === undefined ? { output: value } : readJobError(error);
  expect(outcome).toEqual(expected);
  expect(forRuby.sent).toEqual(forNode.sent);
  return { outcome, sent: forRuby.sent };
}

it.each<[filter: string, sent: string, ids: readonly string[]]>([
  ['workato_role eq "Admin"', `${workato}:workato_role eq "Admin"`, ['2']],
  ['department eq "r&d"', `${enterprise}:department eq "r&d"`, ['1']],
  [
    'USERNAME sw "USER-1" OR not (Active eq true)',
    'userName sw "USER-1" or not (active eq true)',
    ['1', '2'],
  ],
  ['(active eq true and id ne "1") and id lt 9', '(active eq true and id ne "1") and id lt 9', ['3']],
  ['emails[type eq "work"].value ew ".com"', 'emails[type eq "work"].value ew ".com"', ['3']],
  ['emails[display eq "x"]', 'emails[display eq "x"]', []],
  // Nobody shows what this one compares, so that nothing shows that the provider ignores it.
  ['urn:example:2.0:User:badge eq 7.0', 'urn:example:2.0:User:badge eq 7', ['1', '2', '3']],
])('finds the same users by the filter %s where it is ignored', async (filter, full, ids) => {
  const { outcome, sent } = await search({ filter });

  expect(sent[0]).toMatchObject({ filter: full });
  expect(outcome).toMatchObject({ output: { resources: ids.map((id) => ({ id })) } });
});

it('names the attributes to return, to exclude, and to sort by in full', async () => {
  const { sent } = await search({ attributes: ['USERNAME', 'workato_role'], sortBy: 'department' });

  expect(sent[0]).toMatchObject({
    attributes: `userName,${workato}:workato_role`,
    sortBy: `${enterprise}:department`,
  });
  const { sent: other } = await search({ excludedAttributes: ['emails.type', 'manager'] });
  expect(other[0]).toMatchObject({ excludedAttributes: `emails.type,${enterprise}:manager` });
});

it.each([
  ['a filter', { filter: 'departmnet eq "R&D" and emals pr' }],
  ['attributes', { attributes: ['userName', 'emals'] }],
  ['excluded attributes', { excludedAttributes: ['memebers'] }],
  ['an order', { sortBy: 'usrName' }],
])('sends nothing for %s that names an attribute that no user has', async (_, input) => {
  const { outcome, sent } = await search(input);

  expect(outcome).toMatchObject({ code: 'invalid_input' });
  expect(sent).toEqual([]);
});

it('fails if the list cannot be read on after a match, and returns no part of it', async () => {
  const { outcome } = await search({ filter: 'department eq "R&D"' }, hidesLaterPages);

  expect(outcome).toMatchObject({ code: 'forbidden' });
});

it('returns nothing if no user of a list that cannot be read on matches', async () => {
  const { outcome } = await search({ filter: 'department eq "Support"' }, hidesLaterPages);

  expect(outcome).toMatchObject({ output: { totalResults: 0, resources: [] } });
});
