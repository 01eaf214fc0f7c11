import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeReport } from '../../runtime/index.ts';
import { providers, type RunningProvider } from '../support/providers.ts';
import { type ScimApi, scimApi } from '../support/scim-api.ts';

const [, scimmy] = providers;

describe(`the probe of ${scimmy.name}`, () => {
  let provider: RunningProvider;
  let api: ScimApi;
  let report: ProbeReport;

  beforeAll(async () => {
    provider = await scimmy.start();
    api = scimApi(provider.baseUrl, provider.token);
    await api.users(3);
    report = await provider.connector.probe({ write: true });
  });

  afterAll(() => provider.close());

  it('finds the traits that plain requests show, and no others', async () => {
    expect(report.traits.map(({ name }) => name)).toEqual(['no-paging', 'no-versions']);

    const pages = await Promise.all(
      ['count=1', 'startIndex=3&count=1'].map((query) => api.list(`/Users?${query}`)),
    );
    expect(pages.map(({ Resources }) => Resources.length)).toEqual([3, 3]);

    const { body: config } = await api.get('/ServiceProviderConfig');
    const [user] = (await api.list('/Users')).Resources;
    expect([config.etag.supported, user.meta.version]).toEqual([false, undefined]);
  });

  it('says what works, and only what was tried', () => {
    expect(report.capabilities).toEqual({
      users: 'works',
      groups: 'works',
      filter: 'works',
      sort: 'declared',
      index_paging: 'fails',
      cursor_paging: 'fails',
      versions: 'declared_missing',
      create: 'works',
      patch: 'works',
      put: 'works',
      bulk: 'works',
      deactivate: 'works',
      delete: 'works',
    });
    expect(report.checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  });

  it('leaves nothing behind', async () => {
    expect(report.leftBehind).toEqual([]);
    const names = (await api.list('/Users')).Resources.map(({ userName }: { userName: string }) => userName);
    expect(names).toEqual(['user-1@example.com', 'user-2@example.com', 'user-3@example.com']);
    expect((await api.list('/Groups')).totalResults).toBe(0);
  });
});
