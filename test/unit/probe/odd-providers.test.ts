import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../../connector/platform.ts';
import { failureOf } from '../../support/failure-of.ts';
import { type Intercept, openProbeBench, type ProbeBench } from '../../support/open-probe-bench.ts';

const small = { directory: { users: 3, hasGroups: false } };

/** A bench whose provider answers some requests in its own way. */
function openOdd(answer: (request: HttpRequest) => Partial<HttpResponse> | undefined): ProbeBench {
  const intercept: Intercept = (request, pass) => answer(request) ?? pass();
  return openProbeBench([], { ...small, intercept });
}

const error = (status: number, detail = 'No.'): Partial<HttpResponse> => ({
  status,
  headers: { 'content-type': 'application/scim+json' },
  body: JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: `${status}`,
    detail,
  }),
});
const html: Partial<HttpResponse> = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!DOCTYPE html><title>Log in</title>',
};
const pathOf = ({ url }: HttpRequest): string => new URL(url).pathname.replace('/scim/v2', '');

describe('a probe of a provider', () => {
  it('without groups says so, and reports no trait', async () => {
    const { capabilities, traits, checks, leftBehind } = await openOdd((request) =>
      pathOf(request).startsWith('/Groups') ? error(404) : undefined,
    ).probe({ write: true });
    expect(capabilities).toMatchObject({ groups: 'fails', users: 'works', patch: 'works' });
    expect(traits).toEqual([]);
    expect(leftBehind).toEqual([]);
    expect(checks.find(({ key }) => key === 'add_member')).toMatchObject({ outcome: 'not_tried' });
  });

  it.each([401, 403])('that answers some endpoints with %i reports the rest', async (status) => {
    const { capabilities, checks, traits } = await openOdd((request) =>
      /^\/(?:Groups|Schemas|ServiceProviderConfig)/.test(pathOf(request)) ? error(status) : undefined,
    ).probe();
    expect(capabilities).toMatchObject({ users: 'works', groups: 'fails', bulk: 'unknown' });
    expect(checks.find(({ key }) => key === 'discovery')?.found).toContain(`/Schemas: ${status}`);
    expect(traits).toEqual([]);
  });

  it.each([
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [500, 'unavailable'],
  ])('that answers every list with %i fails with %s', async (status, code) => {
    const bench = openOdd(() => error(status));
    expect(await failureOf(bench.probe())).toMatchObject({ code, status });
  });

  it('that answers with a web page fails with provider_fault', async () => {
    expect(await failureOf(openOdd(() => html).probe())).toMatchObject({ code: 'provider_fault' });
  });

  it('without DELETE creates nothing', async () => {
    const bench = openOdd(({ method }) => (method === 'DELETE' ? error(405) : undefined));
    const { checks, capabilities } = await bench.probe({ write: true });
    expect(checks.find(({ key }) => key === 'create')).toMatchObject({
      outcome: 'not_tried',
      found: expect.stringContaining('creates nothing'),
    });
    expect(bench.platform.sent.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(capabilities.create).toBe('unknown');
  });

  it('that requires an attribute which the probe does not know says which', async () => {
    const bench = openOdd(({ method }) =>
      method === 'POST' ? error(400, 'costCenter is required.') : undefined,
    );
    const { checks, leftBehind } = await bench.probe({ write: true });
    expect(checks.find(({ key }) => key === 'create')?.found).toContain('costCenter is required.');
    expect(leftBehind).toEqual([]);
  });

  it('that takes only a username creates such a user', async () => {
    const bench = openOdd(({ method, body = '' }) =>
      method === 'POST' && /externalId|displayName/.test(body) ? error(400) : undefined,
    );
    const before = bench.names();
    const { capabilities } = await bench.probe({ write: true });
    expect(capabilities).toMatchObject({ create: 'works', patch: 'works' });
    expect(bench.names()).toEqual(before);
  });

  it('that refuses to delete names each user that is left, and how to remove it', async () => {
    const bench = openOdd((request) =>
      request.method === 'DELETE' && bench.names().some((name) => name.startsWith('rolecall-probe-'))
        ? error(403)
        : undefined,
    );
    const { leftBehind } = await bench.probe({ write: true });
    const left = bench.names().filter((name) => name.startsWith('rolecall-probe-'));
    expect(left.length).toBeGreaterThan(0);
    expect(
      leftBehind
        .map(({ name, type }) => (type === 'User' ? name : left.find((one) => one.startsWith(name))))
        .sort(),
    ).toEqual([...left].sort());
    for (const { id, path } of leftBehind) expect(path).toMatch(new RegExp(`/(?:Users|Groups)/${id}$`));
  });

  it('that keeps the email of a deleted user, and not the username, says so', async () => {
    const deleted = new Set<string>();
    const bench = openOdd(({ method, url, body = '{}' }) => {
      const { emails = [] } = method === 'POST' ? JSON.parse(body) : {};
      if (emails.some(({ value }: { value: string }) => deleted.has(value))) return error(409);
      if (method === 'DELETE') {
        const user = bench.store.list('User').find(({ id }) => url.endsWith(`/${id}`));
        if (user !== undefined) deleted.add(String(user.attributes.userName));
      }
      return undefined;
    });
    const { checks, traits, leftBehind } = await bench.probe({ write: true });
    expect(checks.find(({ key }) => key === 'create_again')).toMatchObject({
      outcome: 'deviates',
      found: 'No: it gets 409. With another email, it is accepted.',
    });
    expect({ traits, leftBehind }).toEqual({ traits: [], leftBehind: [] });
  });

  it('that declines to filter by some attributes with invalidFilter does not deviate', async () => {
    const declined = { ...error(400), body: JSON.stringify({ status: '400', scimType: 'invalidFilter' }) };
    const { checks, deviations } = await openOdd(({ url }) =>
      /filter=(?!userName|id\b)/.test(url) ? declined : undefined,
    ).probe();
    expect(checks.find(({ key }) => key === 'filter_attributes')).toMatchObject({ outcome: 'unsupported' });
    expect(deviations).toEqual([]);
  });

  it('that writes `resources` in lower case is read like any other', async () => {
    const intercept: Intercept = (_, pass) => {
      const { body = '', ...rest } = pass();
      return { ...rest, body: body.replace('"Resources"', '"resources"') };
    };
    const { capabilities, traits } = await openProbeBench([], { ...small, intercept }).probe({ write: true });
    expect(capabilities).toMatchObject({ users: 'works', groups: 'works', filter: 'works' });
    expect(traits).toEqual([]);
  });

  it('that loses the response of a create still removes the user', async () => {
    let lost = 0;
    const intercept: Intercept = (request, pass) => {
      const response = pass();
      if (request.method !== 'POST' || lost > 0) return response;
      lost += 1;
      return error(500);
    };
    const bench = openProbeBench([], { ...small, intercept });
    const before = bench.names();
    const { leftBehind } = await bench.probe({ write: true });
    expect({ lost, names: bench.names(), leftBehind }).toEqual({ lost: 1, names: before, leftBehind: [] });
  });

  it('with 100,000 users sends no more requests than one with 2,000', async () => {
    const total = (count: number): Intercept => {
      const users = Array.from({ length: 100 }, (_, at) => ({ id: `id-${at}`, userName: `user-${at}` }));
      return (request) => {
        const { searchParams } = new URL(request.url);
        if (!pathOf(request).startsWith('/Users') || searchParams.has('filter')) return error(400);
        const first = Number(searchParams.get('startIndex') ?? 1) - 1;
        const size = Number(searchParams.get('count') ?? 100);
        return {
          status: 200,
          body: JSON.stringify({ totalResults: count, Resources: users.slice(first, first + size) }),
        };
      };
    };
    const requests = async (count: number) =>
      (await openProbeBench([], { ...small, intercept: total(count) }).probe()).requests;
    expect(await requests(100_000)).toBe(await requests(2_000));
    expect(await requests(100_000)).toBeLessThan(60);
  });
});

describe('a probe that is stopped', () => {
  const countsTo = (limit: number, stop: () => void): Intercept => {
    let posts = 0;
    return (request, pass) => {
      if (request.method === 'POST') posts += 1;
      const response = pass();
      if (request.method === 'POST' && posts === limit) stop();
      return response;
    };
  };

  it.each([1, 2, 3, 4, 5])('while it sends create number %i removes what it has created', async (limit) => {
    const abort = new AbortController();
    const bench = openProbeBench([], { ...small, intercept: countsTo(limit, () => abort.abort()) });
    const before = bench.names();
    const report = await bench.probe({ write: true, signal: abort.signal });
    expect(report).toMatchObject({ stopped: true, leftBehind: [] });
    expect(bench.names()).toEqual(before);
  });

  it('twice ends at once, and names what is left', async () => {
    const [stop, cleanup] = [new AbortController(), new AbortController()];
    const intercept: Intercept = (request, pass) => {
      if (stop.signal.aborted) cleanup.abort();
      request.signal?.throwIfAborted();
      return countsTo(1, () => stop.abort())(request, pass);
    };
    const bench = openProbeBench([], { ...small, intercept });
    const { leftBehind } = await bench.probe({
      write: true,
      signal: stop.signal,
      cleanupSignal: cleanup.signal,
    });
    expect(leftBehind).toMatchObject([{ type: 'User', reason: 'The removal was stopped.' }]);
    expect(bench.names()).toContain(leftBehind[0]?.name);
  });
});

describe('leftovers of a probe that was killed', () => {
  it('are removed by the next probe, once they are older than ten minutes', async () => {
    let isDead = false;
    const intercept: Intercept = (request, pass) => {
      // The process is killed after it has created a group: nothing that it sends arrives any more.
      if (isDead) throw new Error('killed');
      const response = pass();
      isDead = request.method === 'POST' && pathOf(request) === '/Groups';
      return response;
    };
    const bench = openProbeBench([], { ...small, intercept });
    const before = bench.names();
    await expect(bench.probe({ write: true })).rejects.toThrow('killed');
    const left = bench.names().filter((name) => name.startsWith('rolecall-probe-'));
    expect(left).toHaveLength(3);

    isDead = false;
    const revived = openProbeBench([], {
      ...small,
      store: bench.store,
      nowInMs: bench.platform.now() + 60_000,
    });
    expect((await revived.probe({ write: true })).removedLeftovers).toEqual([]);
    expect(bench.names()).toEqual([...before, ...left]);

    revived.platform.advance(600_000);
    expect([...(await revived.probe({ write: true })).removedLeftovers].sort()).toEqual([...left].sort());
    expect(bench.names()).toEqual(before);
  });

  it('are removed by the next probe, after whichever change the previous one was killed', async () => {
    const changes = ({ method }: HttpRequest): boolean => method !== 'GET';
    const whole = openProbeBench([], small);
    await whole.probe({ write: true });
    const kills = whole.platform.sent.filter(changes).length;
    expect(kills).toBeGreaterThan(30);
    for (let kill = 1; kill <= kills; kill += 1) {
      let sent = 0;
      const bench = openProbeBench([], {
        ...small,
        intercept(request, pass) {
          if (sent === kill) throw new Error('killed');
          if (changes(request)) sent += 1;
          return pass();
        },
      });
      const before = bench.names();
      await bench.probe({ write: true }).catch((error: Error) => expect(error.message).toBe('killed'));
      const left = bench.names().filter((name) => !before.includes(name));

      const stop = new AbortController();
      const next = openProbeBench([], {
        ...small,
        store: bench.store,
        nowInMs: bench.platform.now() + 3_600_000,
        // The rest of the next probe is not needed.
        intercept(request, pass) {
          if (request.method === 'POST') stop.abort();
          return pass();
        },
      });
      const { removedLeftovers, leftoverSearch, leftBehind } = await next.probe({
        write: true,
        signal: stop.signal,
      });
      expect({ kill, names: bench.names(), leftBehind }).toEqual({ kill, names: before, leftBehind: [] });
      expect([...removedLeftovers].sort()).toEqual(left.sort());
      expect(leftoverSearch).toBe('list');
    }
  });

  it('are searched for with a filter only, and the report says so, if the list is too long', async () => {
    const bench = openOdd((request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (!pathname.endsWith('/Users') || request.method !== 'GET' || searchParams.has('filter'))
        return undefined;
      return {
        status: 200,
        body: JSON.stringify({ totalResults: 5000, Resources: [{ id: '1', userName: 'one' }] }),
      };
    });
    expect(await bench.probe({ write: true })).toMatchObject({ leftoverSearch: 'filter', leftBehind: [] });
  });

  it('are named with the request that removes each of them while they are created', async () => {
    const bench = openProbeBench([], small);
    await bench.probe({ write: true });
    const created = bench.platform.logged.filter(({ event }) => event === 'probe_resource_created');
    const deleted = bench.platform.sent.filter(({ method }) => method === 'DELETE').map(pathOf);
    expect(created.length).toBeGreaterThan(4);
    for (const { path } of created) expect(deleted).toContain(path);
  });

  it('are not confused with users of others', async () => {
    const bench = openProbeBench([], small);
    for (const body of [
      { userName: 'rolecall-probe-team@example.com' },
      { userName: 'rolecall-probe-00000000-abcdef-a@example.com' },
      { userName: 'rolecall-probe-00000000-abcdef-a@rolecall.invalid', externalId: 'of-another-system' },
    ])
      bench.create('/Users', body);
    const before = bench.names();
    const { removedLeftovers } = await bench.probe({ write: true });
    expect({ names: bench.names(), removedLeftovers }).toEqual({ names: before, removedLeftovers: [] });
  });
});
