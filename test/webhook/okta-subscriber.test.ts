import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { oktaEventTypes } from '../../triggers/sources/providers/okta-event-types.ts';
import { openOktaSubscriber } from '../../triggers/sources/providers/okta-subscriber.ts';
import { failureOf } from '../support/failure-of.ts';
import { listen, type TestServer } from '../support/listen.ts';
import { type Okta, startOkta } from '../support/start-okta.ts';

const secret = 'the-secret-of-the-hook';
let okta: Okta;
let receiver: TestServer;
let url: string;
const platform = createNodePlatform({ log: () => undefined });

beforeEach(async () => {
  okta = await startOkta();
  receiver = await listen(({ headers }, response) => {
    response.end(JSON.stringify({ verification: headers['x-okta-verification-challenge'] }));
  });
  url = `${receiver.origin}/events`;
});

afterEach(async () => {
  await okta.close();
  await receiver.close();
});

const open = (parts: { orgUrl?: string; apiToken?: string; secret?: string } = {}) =>
  openOktaSubscriber(platform, { secret, orgUrl: okta.orgUrl, apiToken: okta.apiToken, ...parts });

describe('an event hook of the organization', () => {
  it('is created with its secret and the mapped events, verified, and deleted', async () => {
    const subscriber = open({ orgUrl: `${okta.orgUrl}/admin/dashboard` });
    const subscription = await subscriber.subscribe(url);

    const [hook] = okta.hooks.values();
    expect(hook).toMatchObject({ id: subscription.id, status: 'ACTIVE', verificationStatus: 'VERIFIED' });
    expect(hook?.channel.config).toMatchObject({
      uri: url,
      authScheme: { type: 'HEADER', key: 'authorization', value: secret },
    });
    expect([...(hook?.events.items ?? []), 'user.lifecycle.delete.completed'].toSorted()).toEqual(
      [...oktaEventTypes.keys()].toSorted(),
    );
    expect(await subscriber.isSubscribed(url, subscription)).toBe(true);
    expect(await subscriber.isSubscribed(`${url}/elsewhere`, subscription)).toBe(false);
    expect(subscriber.administers(subscription)).toBe(true);
    const elsewhere = open({ orgUrl: 'https://other.okta.com' });
    expect(elsewhere.administers(subscription)).toBe(false);
    expect(await elsewhere.isSubscribed(url, subscription)).toBe(false);
    // Okta would go on showing the secret from before.
    expect(await open({ secret: 'the-next-secret' }).isSubscribed(url, subscription)).toBe(false);
    expect(JSON.stringify(subscription)).not.toContain(secret);

    await subscriber.unsubscribe(subscription);
    expect(okta.hooks.size).toBe(0);
    expect(await subscriber.isSubscribed(url, subscription)).toBe(false);
    await subscriber.unsubscribe(subscription);
  });

  it.each([false, true])('is reused if it exists (its address hidden: %s)', async (hides) => {
    okta.hidesAddress = hides;
    const first = await open().subscribe(url);
    const hook = okta.hooks.get(first.id);
    if (hook !== undefined) hook.status = 'INACTIVE';

    expect(await open().subscribe(url)).toEqual(first);
    expect([...okta.hooks.values()]).toMatchObject([{ status: 'ACTIVE', verificationStatus: 'VERIFIED' }]);
    expect((await open().subscribe(`${url}/other`)).id).not.toBe(first.id);
  });

  it('is removed again if nothing responds at its address', async () => {
    const error = await failureOf(open().subscribe('http://127.0.0.1:1/events'));

    expect(error).toMatchObject({ code: 'invalid_input', status: 400 });
    expect(error.message).toContain('no response from http://127.0.0.1:1/events');
    expect(okta.hooks.size).toBe(0);
  });

  it('counts as missing if it was deactivated or deleted in Okta', async () => {
    const subscription = await open().subscribe(url);
    const hook = okta.hooks.get(subscription.id);
    if (hook !== undefined) hook.status = 'INACTIVE';

    expect(await open().isSubscribed(url, subscription)).toBe(false);
  });
});

describe('an error of Okta', () => {
  it.each([
    ['a token that is not in force', 401, 'auth', 'apiToken'],
    ['a token without the right', 403, 'forbidden', 'super administrator'],
    ['too many requests', 429, 'rate_limited', 'in a minute'],
    ['a server in trouble', 503, 'unavailable', 'later'],
    ['another server', 404, 'not_found', 'orgUrl'],
  ])('%s', async (_, status, code, step) => {
    okta.status = status;
    const error = await failureOf(open().subscribe(url));

    expect(error.code).toBe(code);
    expect(error.nextStep).toContain(step);
    expect(error.message).not.toContain(okta.apiToken);
  });

  it('an invalid, unencrypted, or foreign URL', async () => {
    for (const orgUrl of ['acme.okta.com', 'http://acme.okta.com'])
      expect(() => open({ orgUrl })).toThrow('orgUrl');
    expect(await failureOf(open({ orgUrl: receiver.origin }).subscribe(url))).toMatchObject({
      code: 'provider_fault',
      nextStep: expect.stringContaining('orgUrl'),
    });
    expect(await failureOf(open({ orgUrl: 'http://127.0.0.1:1' }).subscribe(url))).toMatchObject({
      code: 'unavailable',
    });
  });
});
