import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../connector/errors.ts';
import { type HttpRequest, TransportError } from '../../../connector/platform.ts';
import { createFakePlatform, type FakePlatform, json, list } from '../../support/fake-platform.ts';
import { openTestSession } from '../../support/open-test-session.ts';

/** What becomes of one request: whether the provider acts, how long it takes, and how it ends. */
const fates = fc.infiniteStream(
  fc.record({
    acts: fc.boolean(),
    tookInMs: fc.nat(3_000),
    end: fc.constantFrom(
      'good' as const,
      'reset' as const,
      'unsent' as const,
      'silent' as const,
      'cut' as const,
      408,
      429,
      500,
      502,
      503,
      504,
    ),
    retryAfterInSeconds: fc.constantFrom(undefined, 0, 1, 3, 100),
  }),
);

interface Provider {
  readonly users: { id: string; userName: string; meta: { created: string } }[];
  readonly posts: { readonly mayHaveActed: boolean }[];
  looksSincePost: number;
}

function createProvider(stream: typeof fates extends fc.Arbitrary<infer Fates> ? Fates : never) {
  const provider: Provider = { users: [], posts: [], looksSincePost: 0 };
  const send = (request: HttpRequest, platform: FakePlatform) => {
    const { acts, tookInMs, end, retryAfterInSeconds } = stream.next().value;
    const isPost = request.method === 'POST';
    // Two POSTs with nothing between them: only when the first cannot have been done.
    if (isPost && provider.posts.at(-1)?.mayHaveActed === true)
      expect(provider.looksSincePost).toBeGreaterThan(0);
    const reallyActs = end === 'good' || (acts && end !== 'unsent' && end !== 429 && end !== 408);
    const isTaken = provider.users.length > 0;
    if (isPost) {
      provider.looksSincePost = 0;
      provider.posts.push({
        mayHaveActed: typeof end === 'number' ? end >= 500 : end !== 'unsent' && end !== 'good',
      });
    }
    const created = { id: '1', userName: 'ada', meta: { created: new Date(platform.now()).toISOString() } };
    if (isPost && reallyActs && !isTaken) provider.users.push(created);
    platform.advance(Math.min(end === 'silent' ? request.timeoutInMs : tookInMs, request.timeoutInMs));
    if (typeof end === 'number') {
      const headers = {
        ...(retryAfterInSeconds !== undefined && { 'retry-after': String(retryAfterInSeconds) }),
      };
      return json({}, end, headers);
    }
    if (end === 'cut') return { body: '{"id": "1", "userNa' };
    if (end === 'unsent')
      throw new TransportError('ECONNREFUSED', 'refused', { maybeSent: false, isTransient: true });
    if (end !== 'good')
      throw new TransportError('ECONNRESET', 'reset', { maybeSent: true, isTransient: true });
    if (!isPost) {
      provider.looksSincePost += 1;
      return list(provider.users);
    }
    return isTaken ? json({ scimType: 'uniqueness' }, 409) : json(created, 201);
  };
  return { provider, send };
}

describe('create_user over a network that fails in any way', () => {
  const deadlineInMs = 20_000;

  it('creates at most one user, reports success only if it exists, and ends by its deadline', async () => {
    await fc.assert(
      fc.asyncProperty(fates, fc.double({ min: 0, max: 0.999, noNaN: true }), async (stream, random) => {
        const { provider, send } = createProvider(stream);
        const platform = createFakePlatform(send, () => random);
        const startedAtInMs = platform.now();
        const session = openTestSession(platform, { deadlineInMs, timeoutInMs: 4_000 });
        let isDone = false;
        try {
          await session.runAction('create_user', { userName: 'ada' });
          isDone = true;
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectorError);
          const { code, message } = error as ConnectorError;
          // Nobody else makes users here, so that a conflict would be with what this step made itself.
          expect(['unavailable', 'rate_limited', 'provider_fault']).toContain(code);
          if (provider.users.length > 0) expect(message).toContain('may have succeeded');
        }
        if (isDone) expect(provider.users).toHaveLength(1);
        expect(platform.now() - startedAtInMs).toBeLessThanOrEqual(deadlineInMs);
        expect(platform.sent.length).toBeLessThanOrEqual(60);
      }),
      { numRuns: 1500 },
    );
  });
});
