import { beforeAll, describe, expect, it } from 'vitest';
import { TransportError } from '../../connector/platform.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { listen } from '../support/listen.ts';
import { openPush } from '../support/webhook/open-source.ts';
import { expectAnswerOfRfc8935, refusalOf, reportedBy } from '../support/webhook/outcome.ts';
import { pushRequest } from '../support/webhook/push-request.ts';
import { jwksUrl, openSetBench } from '../support/webhook/set-bench.ts';
import {
  audience,
  type IssuerKey,
  issuer,
  issuerKey,
  keySetOf,
  setClaims,
  signSet,
} from '../support/webhook/set-issuer.ts';

let key: IssuerKey;
let next: IssuerKey;
beforeAll(async () => {
  key = await issuerKey('ES256');
  next = await issuerKey('ES256', 'key-2');
});

const unavailable = [503, undefined];

describe('the keys of the issuer', () => {
  it('are fetched once, with the media type of a key set', async () => {
    const bench = openSetBench(key);
    for (let nth = 0; nth < 5; nth += 1) expect((await bench.tell()).kind).toBe('accepted');
    expect(bench.platform.sent).toEqual([
      {
        method: 'GET',
        url: jwksUrl,
        headers: { accept: 'application/jwk-set+json, application/json;q=0.9', 'user-agent': 'rolecall' },
        timeoutInMs: 5_000,
        maxResponseBytes: 262_144,
      },
    ]);
  });

  it('are fetched once for many concurrent tokens', async () => {
    const bench = openSetBench(key);
    const all = await Promise.all(Array.from({ length: 50 }, () => bench.tell()));
    expect(all.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(bench.asked()).toBe(1);
  });

  it('are fetched again after ten minutes, so that a withdrawn key is rejected', async () => {
    const bench = openSetBench(key);
    await bench.tell();
    bench.publish(keySetOf(next));
    bench.platform.advance(10 * 60_000 - 1);
    expect((await bench.tell()).kind).toBe('accepted');
    bench.platform.advance(1);
    expect(refusalOf(await bench.tell())).toEqual([400, 'invalid_key']);
  });

  it('are fetched again for an unknown key', async () => {
    const bench = openSetBench(key);
    await bench.tell();
    bench.publish(keySetOf(key, next));
    bench.platform.advance(10_000);
    expect((await bench.push(await signSet(next, setClaims()))).kind).toBe('accepted');
    expect((await bench.tell()).kind).toBe('accepted');
    expect(bench.asked()).toBe(2);
  });

  it('are fetched a moment later if they were just fetched, and the sender is asked to retry', async () => {
    const bench = openSetBench(key);
    await bench.tell();
    bench.publish(keySetOf(key, next));
    bench.platform.advance(4_000);
    const received = await bench.push(await signSet(next, setClaims()));
    expect(refusalOf(received)).toEqual(unavailable);
    expect(received.reply.headers['retry-after']).toBe('6');
    bench.platform.advance(6_000);
    expect((await bench.push(await signSet(next, setClaims()))).kind).toBe('accepted');
  });

  it('are fetched at most every ten seconds', async () => {
    const bench = openSetBench(key);
    const forger = await issuerKey('ES256', 'forged');
    const minuteInMs = 60_000;
    for (let passedInMs = 0; passedInMs < minuteInMs; passedInMs += 100) {
      await bench.push(await signSet({ ...forger, kid: `forged-${passedInMs}` }, setClaims()));
      bench.platform.advance(100);
    }
    expect(bench.asked()).toBe(6);
    // Meanwhile, who has a key that is known is let in.
    expect((await bench.tell()).kind).toBe('accepted');
  });

  it('are fetched again for a token without a key ID that matches no key', async () => {
    const bench = openSetBench(key);
    const tell = async (by: IssuerKey) => bench.push(await signSet(by, setClaims(), { kid: undefined }));
    expect((await tell(key)).kind).toBe('accepted');
    bench.publish(keySetOf(next));
    bench.platform.advance(1_000);
    expect(refusalOf(await tell(next))).toEqual(unavailable);
    bench.platform.advance(9_000);
    expect((await tell(next)).kind).toBe('accepted');
    bench.platform.advance(10_000);
    expect(refusalOf(await tell(key))).toEqual([400, 'authentication_failed']);
  });

  it('are fetched even if the clock was set back', async () => {
    const bench = openSetBench(key);
    await bench.tell();
    bench.platform.advance(-24 * 3600_000);
    const late = setClaims({ iat: bench.platform.now() / 1000 });
    expect((await bench.push(await signSet(key, late))).kind).toBe('accepted');
    expect(bench.asked()).toBe(2);
  });

  it('can be mixed with unusable keys', async () => {
    const bench = openSetBench(key);
    bench.publish(
      JSON.stringify({ keys: [null, 7, 'x', {}, { kty: 3 }, { kty: 'XYZ', kid: 'key-1' }, key.publicJwk] }),
    );
    expect((await bench.tell()).kind).toBe('accepted');
  });

  it('match no token if they are damaged', async () => {
    const bench = openSetBench(key);
    bench.publish(keySetOf({ ...key.publicJwk, x: 'AAAA' }));
    expect(refusalOf(await bench.tell())).toEqual([400, 'authentication_failed']);
  });
});

describe('an issuer whose keys cannot be fetched', () => {
  const timeOut = new TransportError('ETIMEDOUT', 'no response within 5000 ms', {
    maybeSent: true,
    isTransient: true,
  });
  const html = { headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' };

  it.each<[what: string, answer: Parameters<ReturnType<typeof openSetBench>['publish']>[0]]>([
    [
      'does not respond',
      () => {
        throw timeOut;
      },
    ],
    ['fails', { status: 500, body: 'oops' }],
    ['responds with 404', { status: 404, body: '{}' }],
    ['redirects', { status: 302, headers: { location: 'https://evil.example/jwks.json' }, body: '' }],
    ['responds with a web page', html],
    ['responds with an empty body', ''],
    ['responds with other JSON', '{"keys":{}}'],
    ['responds with incomplete JSON', '{"keys":[{"kty":"EC"'],
  ])('asks the sender to retry, and then accepts the token: %s', async (_, answer) => {
    const bench = openSetBench(key);
    bench.publish(answer);
    const received = await bench.tell();
    expect(refusalOf(received)).toEqual(unavailable);
    expect(received.reply.headers['retry-after']).toBe('10');
    expectAnswerOfRfc8935(received);
    expect(received.kind === 'refused' && received.reason.code).toBe('unavailable');
    expect(bench.platform.logged).toContainEqual(
      expect.objectContaining({ level: 'warn', event: 'jwks_fetch_failed' }),
    );
    // Nobody asks again so soon.
    expect(refusalOf(await bench.tell())).toEqual(unavailable);
    expect(bench.asked()).toBe(1);
    bench.publish(keySetOf(key));
    bench.platform.advance(10_000);
    expect((await bench.tell()).kind).toBe('accepted');
  });

  it('fails every token that waits for the keys, after one request', async () => {
    const bench = openSetBench(key);
    bench.publish({ status: 503 });
    const all = await Promise.all(Array.from({ length: 10 }, () => bench.tell()));
    expect(all.map(refusalOf)).toEqual(all.map(() => unavailable));
    expect(bench.asked()).toBe(1);
  });

  it('does not extend the lifetime of old keys', async () => {
    const bench = openSetBench(key);
    await bench.tell();
    bench.publish({ status: 500 });
    bench.platform.advance(10 * 60_000);
    expect(refusalOf(await bench.tell())).toEqual(unavailable);
  });
});

describe('over real HTTP', () => {
  /** A receiver whose keys are at this address. */
  function openAt(url: string, timeoutInMs = 10_000) {
    const platform = createNodePlatform();
    const receiver = openPush(
      'security_event_token',
      { ...platform, send: (request) => platform.send({ ...request, timeoutInMs }) },
      { issuer, audience, jwksUrl: url, maxAgeInSeconds: 31_536_000 },
    );
    const tell = async () => {
      const token = await signSet(key, setClaims({ iat: Math.floor(Date.now() / 1000) }));
      return receiver.receive(
        pushRequest({ headers: { 'content-type': 'application/secevent+jwt' }, body: token }),
      );
    };
    return { tell, close: platform.close };
  }

  it('fetches keys, and follows no redirect', async () => {
    const seen: string[] = [];
    const server = await listen((request, response) => {
      seen.push(request.url ?? '');
      if (request.url === '/moved') response.writeHead(302, { location: '/keys' }).end();
      else response.setHeader('content-type', 'application/json').end(keySetOf(key));
    });
    const good = openAt(`${server.origin}/keys`);
    const moved = openAt(`${server.origin}/moved`);
    expect(reportedBy(await good.tell())).toHaveLength(1);
    expect(refusalOf(await moved.tell())).toEqual(unavailable);
    expect(seen).toEqual(['/keys', '/moved']);
    good.close();
    moved.close();
    await server.close();
  });

  it('rejects tokens if the key server is slow, sends too much, or does not exist', async () => {
    const server = await listen((request, response) => {
      if (request.url === '/large') response.end(' '.repeat(300_000));
      // Otherwise nothing comes.
    });
    for (const url of [`${server.origin}/slow`, `${server.origin}/large`, 'http://127.0.0.1:1/']) {
      const { tell, close } = openAt(url, 200);
      expect(refusalOf(await tell())).toEqual(unavailable);
      close();
    }
    await server.close();
  });
});
