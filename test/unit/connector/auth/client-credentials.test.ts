import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../../connector/auth/authenticator.ts';
import { createAuthenticator } from '../../../../connector/auth/create-authenticator.ts';
import type { OAuthClientCredentialsAuth } from '../../../../connector/generated/types.ts';
import { type HttpRequest, TransportError } from '../../../../connector/platform.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { createFakePlatform, type FakeSend, json } from '../../../support/fake-platform.ts';

const client: OAuthClientCredentialsAuth = {
  type: 'oauth_client_credentials',
  tokenUrl: 'https://login.example.com/oauth/token',
  clientId: 'rolecall',
  clientSecret: 'client-secret-8c1f',
};

const omitted = 'omitted';

/** A token endpoint that numbers its tokens. */
function issuing(lifetime: unknown = 3600): FakeSend {
  let issued = 0;
  return () => {
    issued += 1;
    return json({
      access_token: `token-${issued}`,
      token_type: 'Bearer',
      ...(lifetime !== omitted && { expires_in: lifetime }),
    });
  };
}

function open(send: FakeSend, auth: Partial<OAuthClientCredentialsAuth> = {}) {
  const platform = createFakePlatform(send);
  const authenticator = createAuthenticator({ auth: { ...client, ...auth }, timeoutInMs: 10_000 }, platform);
  const deadlineAtInMs = platform.now() + 120_000;
  const credential = async (deadline = platform.now() + 120_000, signal?: AbortSignal): Promise<string> =>
    (await authenticator.credential({ deadlineAtInMs: deadline, signal })).value;
  return { platform, authenticator, credential, deadlineAtInMs };
}

const bodyOf = ({ body = '' }: HttpRequest): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(body));

describe('a token request', () => {
  it('sends the client in the Authorization header, form-encoded', async () => {
    const { platform, credential } = open(issuing(), { clientId: 'a:b', clientSecret: 'ö +/%' });

    expect(await credential()).toBe('Bearer token-1');
    const [request] = platform.sent;
    expect(request).toMatchObject({
      method: 'POST',
      url: client.tokenUrl,
      headers: {
        accept: 'application/json',
        authorization: `Basic ${btoa('a%3Ab:%C3%B6+%2B%2F%25')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
  });

  it('sends the client in the body with client_secret_post', async () => {
    const { platform, credential } = open(issuing(), { clientAuthentication: 'client_secret_post' });

    await credential();
    const [request] = platform.sent;
    expect(request?.headers).not.toHaveProperty('authorization');
    expect(request && bodyOf(request)).toEqual({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret,
    });
  });

  it('sends scope and audience, and each resource in a parameter of its own', async () => {
    const { platform, credential } = open(issuing(), {
      scope: 'scim.read scim.write',
      audience: 'scim',
      resource: 'https://a.example.com  https://b.example.com',
    });

    await credential();
    const parameters = new URLSearchParams(platform.sent[0]?.body);
    expect(parameters.get('scope')).toBe('scim.read scim.write');
    expect(parameters.get('audience')).toBe('scim');
    expect(parameters.getAll('resource')).toEqual(['https://a.example.com', 'https://b.example.com']);
  });

  it('limits the size and the time of the response', async () => {
    const { platform, credential } = open(issuing());

    await credential(platform.now() + 4_000);
    expect(platform.sent[0]).toMatchObject({ timeoutInMs: 4_000, maxResponseBytes: 1_048_576 });
  });
});

describe('an access token', () => {
  it.each([
    [5, 4_000],
    [60, 48_000],
    [300, 240_000],
    [3_600, 3_540_000],
    ['3600', 3_540_000],
  ])('with a lifetime of %j s is used for %i ms, and then renewed', async (lifetime, usedForInMs) => {
    const { platform, credential } = open(issuing(lifetime));
    await credential();

    platform.advance(usedForInMs - 1);
    expect(await credential()).toBe('Bearer token-1');
    platform.advance(1);
    expect(await credential()).toBe('Bearer token-2');
    expect(platform.sent).toHaveLength(2);
  });

  it.each([[omitted], [null], [0], [-1], ['never'], [''], [{}], [1e300]])(
    'with a lifetime of %j is used until it is rejected',
    async (lifetime) => {
      const { platform, authenticator, credential, deadlineAtInMs } = open(issuing(lifetime));
      await credential();
      platform.advance(365 * 86_400_000);

      const held = (await authenticator.credential({ deadlineAtInMs })) as Credential;
      expect(held.value).toBe('Bearer token-1');
      expect(authenticator.onResponse?.(held, 401)).toBe(true);
      expect(await credential()).toBe('Bearer token-2');
    },
  );

  it('counts its lifetime from the request, not from the response', async () => {
    const { platform, credential } = open((_, fake) => {
      fake.advance(3_000);
      return json({ access_token: `token-${fake.sent.length}`, token_type: 'bearer', expires_in: 5 });
    });

    expect(await credential()).toBe('Bearer token-1');
    platform.advance(999);
    expect(await credential()).toBe('Bearer token-1');
    platform.advance(1);
    expect(await credential()).toBe('Bearer token-2');
  });

  it('is used by those who waited for it, even if it expired on its way', async () => {
    const { credential } = open((_, fake) => {
      fake.advance(6_000);
      return json({ access_token: `token-${fake.sent.length}`, token_type: 'bearer', expires_in: 5 });
    });

    expect(await Promise.all([credential(), credential()])).toEqual(['Bearer token-1', 'Bearer token-1']);
  });

  it('costs no promise while it is valid', async () => {
    const { authenticator, credential, deadlineAtInMs } = open(issuing());
    await credential();

    expect(authenticator.credential({ deadlineAtInMs })).not.toBeInstanceOf(Promise);
  });
});

describe('a rejected access token', () => {
  async function rejectHeld(bench: ReturnType<typeof open>): Promise<boolean | undefined> {
    const { authenticator, deadlineAtInMs } = bench;
    return authenticator.onResponse?.(await authenticator.credential({ deadlineAtInMs }), 401);
  }

  it('is renewed once for all requests that had it', async () => {
    const bench = open(issuing());
    const { authenticator, credential, deadlineAtInMs } = bench;
    const held = await authenticator.credential({ deadlineAtInMs });

    expect(authenticator.onResponse?.(held, 401)).toBe(true);
    expect(await credential()).toBe('Bearer token-2');
    expect(authenticator.onResponse?.(held, 401)).toBe(true);
    expect(await credential()).toBe('Bearer token-2');
    expect(bench.platform.sent).toHaveLength(2);
  });

  it('is not renewed if it is itself a replacement that never worked', async () => {
    const bench = open(issuing());

    expect(await rejectHeld(bench)).toBe(true);
    expect(await rejectHeld(bench)).toBe(false);
    expect(await rejectHeld(bench)).toBe(false);
    expect(bench.platform.sent).toHaveLength(2);

    bench.platform.advance(60_000);
    expect(await rejectHeld(bench)).toBe(true);
  });

  it('is renewed if it has worked before', async () => {
    const bench = open(issuing());
    const { authenticator, deadlineAtInMs } = bench;

    expect(await rejectHeld(bench)).toBe(true);
    authenticator.onResponse?.(await authenticator.credential({ deadlineAtInMs }), 200);
    expect(await rejectHeld(bench)).toBe(true);
  });
});

describe('those who wait for one renewal', () => {
  it('share one request', async () => {
    const { platform, credential } = open(issuing());

    const values = await Promise.all(Array.from({ length: 32 }, () => credential()));
    expect(new Set(values)).toEqual(new Set(['Bearer token-1']));
    expect(platform.sent).toHaveLength(1);
  });

  it('do not lose it when one of them is aborted', async () => {
    let answer: (() => void) | undefined;
    const arrived = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { platform, credential } = open(async () => {
      await arrived;
      return json({ access_token: 'token-1', token_type: 'Bearer' });
    });
    const abort = new AbortController();
    const first = credential(undefined, abort.signal);
    const second = credential();

    abort.abort(new Error('stopped by its caller'));
    await expect(first).rejects.toThrow('stopped by its caller');
    answer?.();
    expect(await second).toBe('Bearer token-1');
    expect(platform.sent).toHaveLength(1);
    expect(platform.sent[0]?.signal?.aborted).toBe(false);
  });

  it('end the request when all of them are aborted, and the next one starts over', async () => {
    let requests = 0;
    const { platform, credential } = open((request) => {
      requests += 1;
      if (requests > 1) return json({ access_token: 'token-2', token_type: 'Bearer' });
      return new Promise((_, reject) => {
        request.signal?.addEventListener('abort', () => reject(request.signal?.reason));
      });
    });
    const abort = new AbortController();
    const waiting = [credential(undefined, abort.signal), credential(undefined, abort.signal)];
    const ended = Promise.all(waiting.map((one) => expect(one).rejects.toThrow('stopped')));
    await Promise.resolve().then(() => undefined);
    abort.abort(new Error('stopped'));

    await ended;
    expect(platform.sent[0]?.signal?.aborted).toBe(true);
    expect(await credential()).toBe('Bearer token-2');
  });

  it('fail at once if a wait that the token endpoint asks for passes their own deadline', async () => {
    let requests = 0;
    const { platform, credential } = open(() => {
      requests += 1;
      return requests === 1
        ? json({}, 503, { 'retry-after': '30' })
        : json({ access_token: 'token-1', token_type: 'Bearer' });
    });
    const startedAtInMs = platform.now();
    const patient = credential(startedAtInMs + 60_000);
    const error = await failureOf(credential(startedAtInMs + 20_000));

    expect(error).toMatchObject({ code: 'unavailable', status: 503, retryAfterInMs: 30_000 });
    expect(await patient).toBe('Bearer token-1');
    expect(platform.slept).toEqual([30_000]);
  });

  it('leave at their own deadline while the request is under way', async () => {
    const { credential, platform } = open(() => new Promise(() => undefined));
    const patient = credential(platform.now() + 60_000);
    patient.catch(() => undefined);

    const error = await failureOf(credential(platform.now() + 5_000));
    expect(error).toMatchObject({ code: 'unavailable', attempts: 1 });
    expect(error.message).toContain('No response from the token endpoint at login.example.com');
  });
});

describe('a token endpoint that fails for a while', () => {
  it.each<[string, FakeSend]>([
    ['500', () => json({}, 500)],
    ['503 with a web page', () => ({ status: 503, body: '<html>' })],
    ['429', () => json({}, 429, { 'retry-after': '1' })],
    ['400 temporarily_unavailable', () => json({ error: 'temporarily_unavailable' }, 400)],
    ['half a body', () => ({ body: '{"access_token":"tok' })],
    [
      'a lost connection',
      () => {
        throw new TransportError('ECONNRESET', 'the connection was reset', {
          maybeSent: true,
          isTransient: true,
        });
      },
    ],
  ])('is asked again after %s', async (_, fail) => {
    let requests = 0;
    const { credential, platform } = open((request, fake) => {
      requests += 1;
      return requests < 3 ? fail(request, fake) : json({ access_token: 'token-1', token_type: 'Bearer' });
    });

    expect(await credential()).toBe('Bearer token-1');
    expect(platform.slept).toHaveLength(2);
  });
});
