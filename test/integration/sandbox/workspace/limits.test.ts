import { describe, expect, it } from 'vitest';
import { openWorkspace, send, standingClock, userUrn } from './workspace-fixture.ts';

const tooMany = { status: 429, body: { status: '429', detail: expect.stringContaining('Try again in') } };

describe('13. limits', () => {
  it('answers 429 with Retry-After beyond the requests of a minute, and 200 after it', async () => {
    const clock = standingClock();
    const workspace = await openWorkspace({ now: clock.now, limits: { requestsPerMinute: 3 } });
    const ask = () => workspace.scim('GET', '/Users');
    expect((await ask()).status).toBe(200);
    clock.move(20_500);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused).toMatchObject(tooMany);
    expect(refused.headers.get('content-type')).toMatch(/^application\/scim\+json/);
    expect(refused.headers.get('retry-after')).toBe('40');
    clock.move(39_499);
    expect((await ask()).headers.get('retry-after')).toBe('1');
    clock.move(1);
    for (const status of [200, 200, 200, 429]) expect((await ask()).status).toBe(status);
  });

  it('a rejected request changes nothing', async () => {
    const workspace = await openWorkspace({ limits: { requestsPerMinute: 1 } });
    await workspace.user('ann@example.com');
    const body = { schemas: [userUrn], userName: 'bob@example.com' };
    expect((await workspace.scim('POST', '/Users', body)).status).toBe(429);
    expect((await workspace.admin('GET', '/members')).body.total).toBe(1);
  });

  it('counts each SCIM service separately', async () => {
    const workspace = await openWorkspace({ limits: { requestsPerMinute: 1 } });
    const { identityScimBaseUrls, identityTokens } = workspace.sandbox;
    expect((await workspace.scim('GET', '/Users')).status).toBe(200);
    expect((await workspace.scim('GET', '/Users')).status).toBe(429);
    expect((await send('GET', `${identityScimBaseUrls.dev}/Users`, identityTokens.dev)).status).toBe(200);
    expect((await send('GET', `${identityScimBaseUrls.dev}/Users`, identityTokens.dev)).status).toBe(429);
  });

  it('the Developer API accepts 60 requests a minute by default', async () => {
    const clock = standingClock();
    const workspace = await openWorkspace({ now: clock.now });
    for (let nth = 0; nth < 60; nth += 1) expect((await workspace.api('/members')).status).toBe(200);
    const refused = await workspace.api('/activity_logs');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(refused.headers.get('retry-after')).toBe('60');
    // The admin API is for the one who rehearses, and has no limit.
    await workspace.admin('PATCH', '/settings', { limits: { apiRequestsPerMinute: null } });
    expect((await workspace.api('/members')).status).toBe(200);
  });

  it('pages and bodies are limited by the settings at once, and discovery shows the limits', async () => {
    const workspace = await openWorkspace();
    for (let nth = 0; nth < 5; nth += 1) await workspace.user(`u${nth}@example.com`);
    const limits = { maxPageSize: 2, maxPayloadBytes: 300, maxBulkOperations: 1 };
    expect((await workspace.admin('PATCH', '/settings', { limits })).status).toBe(200);
    const { body } = await workspace.scim('GET', '/Users?count=5');
    expect([body.itemsPerPage, body.totalResults]).toEqual([2, 5]);
    expect((await workspace.scim('GET', '/ServiceProviderConfig')).body).toMatchObject({
      filter: { maxResults: 2 },
      bulk: { maxPayloadSize: 300, maxOperations: 1 },
    });
    const large = { schemas: [userUrn], userName: 'x@example.com', title: 'x'.repeat(300) };
    expect((await workspace.scim('POST', '/Users', large)).status).toBe(413);
    // Settings that are too harsh can be changed back.
    await workspace.admin('PATCH', '/settings', { limits: { maxPayloadBytes: 1, maxJsonDepth: 1 } });
    const back = { limits: { maxPayloadBytes: 1000, maxJsonDepth: 10 }, auditStreamUrl: null };
    expect((await workspace.admin('PATCH', '/settings', back)).status).toBe(200);
    expect((await workspace.scim('POST', '/Users', large)).status).toBe(201);
  });

  it.each([
    { requestsPerMinute: 0 },
    { requestsPerMinute: 1.5 },
    { requestsPerMinute: '60' },
    { maxPageSize: null },
    { maxPageSize: -1 },
    { moonPhase: 1 },
    7,
  ])('refuses %j', async (limits) => {
    const workspace = await openWorkspace();
    const before = (await workspace.admin('GET', '/settings')).body;
    const { status, body } = await workspace.admin('PATCH', '/settings', { limits });
    expect([status, body.error.code]).toEqual([400, 'invalid_request']);
    expect((await workspace.admin('GET', '/settings')).body).toEqual(before);
  });
});
