import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connector, createConnector, type ProbeReport } from '../../runtime/index.ts';
import { type ScimApi, scimApi } from '../support/scim-api.ts';
import { groupUrn, patchUrn, userUrn } from '../support/scim-urns.ts';
import { type BetterAuth, startBetterAuth } from '../support/start-better-auth.ts';

let server: BetterAuth;
let connector: Connector;
let api: ScimApi;
let ids: readonly string[];
let report: ProbeReport;

beforeAll(async () => {
  server = await startBetterAuth();
  api = scimApi(server.scimBaseUrl, server.token);
  ids = await Promise.all(['one', 'two', 'three'].map((name) => create(name)));
  connector = createConnector({ baseUrl: server.scimBaseUrl, token: server.token });
  report = await connector.probe({ write: true });
});

afterAll(async () => {
  connector?.close();
  await server?.close();
});

function post(userName: string, more: object = {}): ReturnType<ScimApi['send']> {
  const emails = [{ value: userName, type: 'work', primary: true }];
  return api.send('POST', '/Users', { schemas: [userUrn], userName, emails, ...more });
}

async function create(name: string, more: object = {}): Promise<string> {
  const { status, body } = await post(`${name}@example.com`, more);
  expect(status).toBe(201);
  return body.id;
}

const statusOf = async (path: string): Promise<number> => (await api.get(path)).status;
const filtered = (filter: string): Promise<Awaited<ReturnType<ScimApi['get']>>> =>
  api.get(`/Users?filter=${encodeURIComponent(filter)}`);
const lengthOf = async (path: string): Promise<number> => (await api.list(path)).Resources.length;
const found = (key: string) => {
  const { outcome, found: text } = report.checks.find((check) => check.key === key) ?? {};
  return { outcome, found: text };
};

/** What the report says of a question, and plain requests that show the same. */
const lines: readonly {
  readonly key: string;
  readonly says: ReturnType<typeof found>;
  readonly shown: () => Promise<unknown>;
  readonly as: unknown;
}[] = [
  {
    key: 'declares_bulk',
    says: { outcome: 'unsupported', found: '`bulk.supported` is false.' },
    shown: async () => (await api.get('/ServiceProviderConfig')).body.bulk.supported,
    as: false,
  },
  {
    key: 'bulk',
    says: { outcome: 'unsupported', found: 'No: it gets 404.' },
    shown: async () => (await api.send('POST', '/Bulk', { Operations: [] })).status,
    as: 404,
  },
  {
    key: 'start_index',
    says: { outcome: 'as_specified', found: 'Results, from 1.' },
    async shown() {
      const [all, second] = [await api.list('/Users'), await api.list('/Users?startIndex=2&count=1')];
      return second.Resources[0].id === all.Resources[1].id;
    },
    as: true,
  },
  {
    key: 'count',
    says: { outcome: 'as_specified', found: 'Yes.' },
    shown: () => lengthOf('/Users?count=1'),
    as: 1,
  },
  {
    key: 'large_count',
    says: { outcome: 'as_specified', found: 'Yes: `count=200` is accepted.' },
    shown: () => statusOf('/Users?count=200'),
    as: 200,
  },
  {
    key: 'cursor',
    says: { outcome: 'unsupported', found: 'No response has a `nextCursor`.' },
    shown: async () => (await api.list('/Users?cursor=&count=1')).nextCursor,
    as: undefined,
  },
  {
    key: 'totals',
    says: { outcome: 'as_specified', found: 'Yes.' },
    shown: async () => (await api.list('/Users?count=1')).totalResults,
    as: 3,
  },
  {
    key: 'past_the_end',
    says: { outcome: 'as_specified', found: 'An empty list.' },
    shown: async () => (await api.list('/Users?startIndex=1000')).Resources,
    as: [],
  },
  {
    key: 'filter_attributes',
    says: {
      outcome: 'unsupported',
      found: 'userName: works, id: works, emails: works, displayName: 400 invalidFilter.',
    },
    shown: async () => {
      const names = ['userName', 'emails.value', 'displayName'];
      const answers = await Promise.all(names.map((name) => filtered(`${name} eq "one@example.com"`)));
      return answers.map(({ status, body }) => body.scimType ?? `${status}: ${body.totalResults}`);
    },
    as: ['200: 1', '200: 1', 'invalidFilter'],
  },
  {
    key: 'filter_unknown',
    says: { outcome: 'as_specified', found: 'It gets 400 invalidFilter.' },
    shown: async () => (await filtered('nonsense eq "x"')).body.scimType,
    as: 'invalidFilter',
  },
  {
    key: 'filter_stamps',
    says: { outcome: 'unsupported', found: 'It gets 400 invalidFilter.' },
    shown: async () => (await filtered('meta.lastModified ge "2020-01-01T00:00:00Z"')).body.scimType,
    as: 'invalidFilter',
  },
  {
    key: 'unknown_id',
    says: { outcome: 'as_specified', found: 'A 404.' },
    shown: () => statusOf('/Users/nobody'),
    as: 404,
  },
  {
    key: 'versions',
    says: { outcome: 'unsupported', found: 'No.' },
    async shown() {
      const { headers, body } = await api.get(`/Users/${ids[0]}`);
      return [headers.get('etag'), body.meta.version];
    },
    as: [null, undefined],
  },
  {
    key: 'duplicate',
    says: { outcome: 'as_specified', found: 'A 409.' },
    shown: async () => (await post('one@example.com')).status,
    as: 409,
  },
  {
    key: 'external_id',
    says: { outcome: 'deviates', found: 'No: the second one gets 409 uniqueness.' },
    async shown() {
      const id = await create('first', { externalId: 'same' });
      const [same, other] = [
        await post('second@example.com', { externalId: 'same' }),
        await post('second@example.com', { externalId: 'other' }),
      ];
      for (const one of [id, other.body.id]) await api.send('DELETE', `/Users/${one}`);
      return [same.status, other.status];
    },
    as: [409, 201],
  },
  {
    key: 'create_again',
    says: {
      outcome: 'deviates',
      found: 'No: it gets 409 uniqueness. With another email, it is accepted.',
    },
    async shown() {
      const [gone, next] = ['gone@example.com', 'next@example.com'];
      await api.send('DELETE', `/Users/${await create('gone')}`);
      const answers = [
        await post(gone),
        await post(next, { emails: [{ value: gone, type: 'work', primary: true }] }),
        await post(gone, { emails: [{ value: next, type: 'work', primary: true }] }),
      ];
      await api.send('DELETE', `/Users/${answers.at(-1)?.body.id}`);
      return answers.map(({ status, body }) => body.detail ?? status);
    },
    as: ['A Better Auth User already uses this email', 'A Better Auth User already uses this email', 201],
  },
  {
    key: 'patch_without_path',
    says: { outcome: 'as_specified', found: 'Yes.' },
    async shown() {
      const answer = await api.patch(`/Users/${ids[0]}`, { op: 'replace', value: { displayName: 'New' } });
      return [answer.status, (await api.get(`/Users/${ids[0]}`)).body.displayName];
    },
    as: [200, 'New'],
  },
  {
    key: 'nested_groups',
    says: { outcome: 'not_tried', found: 'A group in a group gets 400 invalidValue.' },
    async shown() {
      const inner = await api.group('Inner');
      const members = [{ value: inner, type: 'Group' }];
      const outer = await api.send('POST', '/Groups', { schemas: [groupUrn], displayName: 'Outer', members });
      await api.send('DELETE', `/Groups/${inner}`);
      return outer.status;
    },
    as: 400,
  },
  {
    key: 'deactivate',
    says: { outcome: 'as_specified', found: 'Yes.' },
    async shown() {
      const set = (active: boolean) =>
        api.send('PATCH', `/Users/${ids[2]}`, {
          schemas: [patchUrn],
          Operations: [{ op: 'replace', path: 'active', value: active }],
        });
      await set(false);
      const { body } = await api.get(`/Users/${ids[2]}`);
      const listed = await lengthOf('/Users');
      await set(true);
      return [body.active, listed];
    },
    as: [false, 3],
  },
  {
    key: 'delete_again',
    says: { outcome: 'as_specified', found: 'A 404.' },
    shown: async () => (await api.send('DELETE', '/Users/nobody')).status,
    as: 404,
  },
];

describe('the probe of better-auth', () => {
  it.each(lines)('says of $key what plain requests show', async ({ key, says, shown, as }) => {
    expect(found(key)).toEqual(says);
    expect(await shown()).toEqual(as);
  });

  it('finds exactly the traits of its deviations and missing features', () => {
    expect(report.traits.map(({ name }) => name)).toEqual(['external-id-unique', 'no-bulk', 'no-versions']);
    expect(report.deviations.map(({ key }) => key)).toEqual(['external_id', 'create_again']);
    expect(report.checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  });

  it('says which capabilities were tried, and work', () => {
    expect(report.capabilities).toEqual({
      users: 'works',
      groups: 'works',
      filter: 'works',
      sort: 'declared_missing',
      index_paging: 'works',
      cursor_paging: 'fails',
      versions: 'declared_missing',
      create: 'works',
      patch: 'works',
      put: 'works',
      bulk: 'fails',
      deactivate: 'works',
      delete: 'works',
    });
  });

  it('leaves nothing behind', async () => {
    expect(report.leftBehind).toEqual([]);
    const users: readonly { readonly userName: string }[] = (await api.list('/Users')).Resources;
    expect(users.map(({ userName }) => userName).sort()).toEqual([
      'one@example.com',
      'three@example.com',
      'two@example.com',
    ]);
    expect((await api.list('/Groups')).totalResults).toBe(0);
  });
});
