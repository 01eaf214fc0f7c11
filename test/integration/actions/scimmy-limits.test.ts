import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector } from '../../../runtime/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { providers, type RunningProvider } from '../../support/providers.ts';

// What scimmy 1.3 and scimmy-routers 1.3 over express 5 do otherwise than RFC 7644 has it, each shown by a bare request,
// and what the connector makes of it.
let running: RunningProvider;
let connector: Connector;

beforeEach(async () => {
  const scimmy = providers.find(({ name }) => name === 'scimmy-routers');
  if (scimmy === undefined) throw new Error('scimmy-routers is no longer among the providers');
  running = await scimmy.start();
  ({ connector } = running);
});

afterEach(() => running.close());

async function totalOf(filter: string): Promise<unknown> {
  const { body } = await connector.actions.custom_request({ path: '/Users', query: { filter } });
  return (body as { totalResults: number }).totalResults;
}

describe('scimmy', () => {
  it('finds no user by an attribute of an extension: the list is compared instead', async () => {
    await connector.actions.create_user({ userName: 'ada', department: 'Engineering' });

    expect(
      await totalOf('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Engineering"'),
    ).toBe(0);
    expect((await connector.actions.search_users({ department: 'Engineering' })).totalResults).toBe(1);
  });

  it('compares user names with regard to case: a create in another case is a conflict, and an upsert finds the user', async () => {
    const { id } = await connector.actions.create_user({ userName: 'ada' });

    expect(await totalOf('userName eq "ADA"')).toBe(0);
    expect((await failureOf(connector.actions.create_user({ userName: 'ADA' }))).code).toBe('conflict');
    expect((await connector.actions.upsert_user({ userName: 'ADA', title: 'Countess' })).id).toBe(id);
  });

  it('answers 400 to a filter into an attribute that one user does not have: the list is compared instead', async () => {
    await connector.actions.create_user({ userName: 'ada' });
    const { id } = await connector.actions.create_user({
      userName: 'grace',
      emails: [{ value: 'grace@example.com' }],
    });

    expect(await connector.actions.find_user({ user: { email: 'grace@example.com' } })).toMatchObject({ id });
    expect(await connector.actions.find_user({ user: { email: 'ada@example.com' } })).toBeNull();
  });

  it('adds a member who is in the group once more; taking out takes out every one of them', async () => {
    const { id: value } = await connector.actions.create_user({ userName: 'ada' });
    const { id } = await connector.actions.create_group({ displayName: 'Engineering', members: [{ value }] });
    await connector.actions.add_group_members({ group: { id }, members: [{ id: value }] });
    expect((await connector.actions.get_group({ group: { id } })).members).toHaveLength(2);

    await connector.actions.remove_group_members({ group: { id }, members: [{ id: value }] });

    expect((await connector.actions.get_group({ group: { id } })).members ?? []).toEqual([]);
  });

  it('knows no versions, so that a change of one version is unsupported', async () => {
    const { id, meta } = await connector.actions.create_user({ userName: 'ada' });

    const change = connector.actions.update_user({ user: { id }, title: 'x', ifVersion: 'W/"stale"' });

    expect((await failureOf(change)).code).toBe('unsupported');

    expect(meta).not.toHaveProperty('version');
    expect((await connector.actions.discover_provider({})).serviceProviderConfig).toMatchObject({
      etag: { supported: false },
    });
    expect(await connector.actions.get_user({ user: { id } })).not.toHaveProperty('title');
  });

  it('ignores "count" and "startIndex" under express 5: a list of more than its 20 to a page is an error', async () => {
    const rows = Array.from({ length: 25 }, (_, index) => ({ userName: `user-${index}` }));
    await connector.actions.bulk_users({ action: 'create_user', rows });

    const { body } = await connector.actions.custom_request({
      path: '/Users',
      query: { count: 2, startIndex: 21 },
    });
    const error = await failureOf(connector.actions.search_users({}));

    expect(body).toMatchObject({ totalResults: 25, startIndex: 1, itemsPerPage: 20 });
    expect(error.code).toBe('provider_fault');
    expect(error.message).toContain(
      'Pagination loop: the provider returned the same page again after 20 results.',
    );
  });

  it('accepts the filter of a long search in the body of a POST', async () => {
    await connector.actions.create_user({ userName: 'ada' });
    const filter = `userName eq "${'x'.repeat(2_500)}" or userName eq "ada"`;

    expect((await connector.actions.search_users({ filter })).resources).toMatchObject([{ userName: 'ada' }]);
  });
});
