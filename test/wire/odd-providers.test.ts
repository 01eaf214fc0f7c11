import { describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import { onTheWire, type WireAnswer } from '../support/wire.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

/** What get_user makes of a response. */
async function readAs(answer: WireAnswer): Promise<unknown> {
  return (await onTheWire([answer], (connector) => connector.actions.get_user({ user: { id: '1' } }))).output;
}

/** What search_users makes of answers. */
async function listAs(...answers: readonly WireAnswer[]): Promise<unknown> {
  return (await onTheWire(answers, (connector) => connector.actions.search_users({ pageSize: 2 }))).output;
}

describe('an unusual response for a user', () => {
  it.each([
    ['the text "False" for a boolean', { active: 'False' }, { active: false }],
    ['the text "TRUE" for a boolean', { active: 'TRUE' }, { active: true }],
    ['another text for a boolean', { active: 'maybe' }, { active: 'maybe' }],
    ['a number for a text', { userName: 7, externalId: 0 }, { userName: '7', externalId: '0' }],
    ['names in lower case', { username: 'a', displayname: 'A' }, { userName: 'a', displayName: 'A' }],
    ['no meta', {}, {}],
    ['null for what it does not have', { title: null, name: { givenName: null } }, { name: {} }],
    ['attributes that nobody knows', { x_custom: [1, { y: null }] }, { x_custom: [1, { y: null }] }],
    [
      'one email outside a list',
      { emails: { value: 'a', primary: 'true' } },
      { emails: [{ value: 'a', primary: true }] },
    ],
    [
      'a URN in lower case',
      { [enterprise.toLowerCase()]: { DEPARTMENT: 'R&D' } },
      { [enterprise]: { department: 'R&D' } },
    ],
    [
      'Workato’s URN in lower case',
      { [workato.toLowerCase()]: { workato_role: 'Admin' } },
      { [workato]: { workato_role: 'Admin' } },
    ],
    ['a text for an extension', { [enterprise]: 'none' }, { [enterprise]: 'none' }],
    [
      'a boolean in an extension of an unknown URN',
      { 'urn:x:y': { on: 'True' } },
      { 'urn:x:y': { on: 'True' } },
    ],
  ])('is read: %s', async (_, given, read) => {
    expect(await readAs({ body: { id: '1', ...given } })).toEqual({ id: '1', ...read });
  });

  it('has a numeric ID that is read as text', async () => {
    expect(await readAs({ body: { id: 1 } })).toEqual({ id: '1' });
  });

  it('is rejected if its numeric ID is not exact in JSON', async () => {
    const error = await failureOf(readAs({ body: '{"id":9007199254740993}' }));

    expect(error.code).toBe('provider_fault');
    expect(error.message).toContain('too large to be read exactly');
  });

  it.each(['text/plain', 'text/html', 'application/json', 'application/octet-stream'])(
    'is read with the content type %s',
    async (type) => {
      expect(await readAs({ headers: { 'content-type': type }, body: { id: '1' } })).toEqual({ id: '1' });
    },
  );

  it('sets no prototype', async () => {
    const output = await readAs({ body: '{"id":"1","__proto__":{"isAdmin":true}}' });

    expect(output).toEqual({ id: '1' });
    expect((output as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it.each([
    ['a list', []],
    ['a text', '"hello"'],
    ['no id', { userName: 'a' }],
    ['an empty id', { id: '' }],
    ['an id that is an object', { id: {} }],
  ])('is a provider_fault if it is not a user: %s', async (_, body) => {
    const error = await failureOf(readAs({ body }));

    expect(error.code).toBe('provider_fault');
    expect(error.message).toContain('The response is not a SCIM User');
  });
});

describe('an unusual response for a list', () => {
  it.each([
    ['no Resources, for none', { totalResults: 0 }],
    ['a total that is text', { totalResults: '0', Resources: [] }],
    ['Resources in lower case', { totalResults: 0, resources: [] }],
    ['no total, and nothing in it', { Resources: [] }],
  ])('is read as empty: %s', async (_, body) => {
    // An empty list is asked for once more, with `startIndex`, without which some providers return nothing.
    expect(await listAs({ body }, { body })).toEqual({ totalResults: 0, truncated: false, resources: [] });
  });

  it('is read to its end without a total', async () => {
    const output = await listAs(
      { body: { Resources: [{ id: '1' }, { id: '2' }] } },
      { body: { Resources: [{ id: '3' }] } },
      { body: { Resources: [] } },
    );

    expect(output).toEqual({
      totalResults: 3,
      truncated: false,
      resources: [{ id: '1' }, { id: '2' }, { id: '3' }],
    });
  });

  it('ends where a provider without a total returns everything again', async () => {
    const all = { body: { Resources: [{ id: '1' }, { id: '2' }] } };

    expect(await listAs(all, all)).toMatchObject({ totalResults: 2, truncated: false });
  });

  it.each([
    ['no list', { id: '1' }],
    ['a bare array', []],
    ['Resources that are no list', { totalResults: 1, Resources: {} }],
  ])('is a provider_fault if it is invalid: %s', async (_, body) => {
    expect((await failureOf(listAs({ body }))).code).toBe('provider_fault');
  });

  it('returns the other results when one entry is not a resource', async () => {
    const body = { totalResults: 2, Resources: [{ id: '1' }, 'x'] };
    const end = { body: { totalResults: 2, Resources: [] } };

    expect(await listAs({ body }, end)).toMatchObject({ resources: [{ id: '1' }] });
  });

  it('is a provider_fault if it is a 404', async () => {
    const error = await failureOf(listAs({ status: 404, body: {} }));

    expect(error).toMatchObject({ code: 'provider_fault', status: 404 });
    expect(error.message).toContain('The provider has no list of this resource type');
  });
});

describe('a lookup at a provider that ignores filters', () => {
  const listOf = (Resources: readonly unknown[]) => ({ body: { totalResults: Resources.length, Resources } });
  const find = (
    user: { externalId: string } | { userName: string },
    ...lists: readonly (readonly unknown[])[]
  ) =>
    onTheWire(lists.map(listOf), (connector) => connector.actions.find_user({ user })).then(
      ({ output }) => output,
    );

  it('finds the matching user among the others', async () => {
    const others = [{ id: '1', userName: 'a' }, { id: '2', userName: 'B' }, { id: '3' }];

    expect(await find({ userName: 'b' }, others)).toMatchObject({ id: '2' });
  });

  it('does not match a user that does not show the attribute', async () => {
    const everybody = [
      { id: '1', externalId: 'y' },
      { id: '2', userName: 'nobody' },
    ];

    const error = await failureOf(find({ externalId: 'x' }, everybody, everybody, []));

    expect(error.code).toBe('provider_fault');
    expect(error.message).toContain('The provider ignored the filter');
  });

  it('does not match a single user that does not show the attribute if any value finds the same user', async () => {
    const everybody = [{ id: '1', userName: 'a' }];

    const error = await failureOf(find({ externalId: 'x' }, everybody, everybody, everybody, []));

    expect(error.code).toBe('provider_fault');
    expect(error.message).toContain('by ID instead');
  });

  it('trusts a provider that filters by an attribute that it does not return', async () => {
    expect(await find({ externalId: 'x' }, [{ id: '1', userName: 'a' }], [])).toMatchObject({ id: '1' });
  });

  it('returns nobody when the list is empty', async () => {
    expect(await find({ userName: 'b' }, [], [], [])).toBeNull();
  });
});

describe('a provider’s error', () => {
  const fail = (status: number, body: unknown) => failureOf(readAs({ status, body }));

  it.each([
    ['SCIM 2.0', { status: '400', detail: 'Bad name.' }],
    ['SCIM 1.1', { Errors: [{ description: 'Bad name.', code: '400' }] }],
    ['a message', { message: 'Bad name.' }],
    ['an OAuth error', { error: 'invalid', error_description: 'Bad name.' }],
    ['a list of messages', { errors: [{ message: 'Bad name.' }] }],
  ])('is quoted from %s', async (_, body) => {
    const error = await fail(400, body);

    expect(error).toMatchObject({ code: 'invalid_input', status: 400, detail: 'Bad name.' });
    expect(error.message).toContain('Provider message: Bad name.');
  });

  it.each([
    [400, 'invalid_input'],
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [405, 'unsupported'],
    [409, 'conflict'],
    [410, 'not_found'],
    [412, 'precondition_failed'],
    [413, 'invalid_input'],
    [418, 'invalid_input'],
    [501, 'unsupported'],
    [505, 'unsupported'],
    [599, 'provider_fault'],
  ])('with status %i is %s', async (status, code) => {
    if (status === 404 || status === 410) {
      // get_user makes its own sentence of an absence.
      expect(await fail(status, {})).toMatchObject({
        code,
        message: expect.stringContaining('matches id "1"'),
      });
      return;
    }
    expect(await fail(status, {})).toMatchObject({ code, status, attempts: 1 });
  });

  it('is a conflict if the response to a taken name is a 400', async () => {
    expect((await fail(400, { scimType: 'uniqueness' })).code).toBe('conflict');
  });

  it('is truncated, and loses its line breaks', async () => {
    const error = await fail(400, { detail: `a\n\n${'b'.repeat(5_000)}` });

    expect(error.detail).toMatch(/^a b+…$/);
    expect(error.detail?.length).toBe(501);
  });

  it('contains the request ID of the provider', async () => {
    const answer = { status: 400, headers: { 'x-okta-request-id': 'req-1' }, body: {} };

    expect((await failureOf(readAs(answer))).requestId).toBe('req-1');
  });
});

describe('an invalid Location header', () => {
  it.each(['%zz', 'http://[', '/scim/v2/Users/', ''])(
    '(%j) makes a create look up its user',
    async (location) => {
      const { output, lines } = await onTheWire(
        [
          { status: 201, headers: { location } },
          {
            body: { totalResults: 1, Resources: [{ id: '1', userName: 'a', meta: { created: new Date() } }] },
          },
        ],
        (connector) => connector.actions.create_user({ userName: 'a' }),
      );

      expect(output).toMatchObject({ id: '1' });
      expect(lines[1]).toBe('GET /scim/v2/Users?filter=userName%20eq%20%22a%22');
    },
  );

  it('leads to a lookup of the created user of a row of a bulk request', async () => {
    const Operations = ['a', 'b'].map((_, row) => ({
      bulkId: `row${row}`,
      status: '201',
      location: '/Users/%zz',
    }));
    const meta = { created: new Date().toISOString() };
    const found = {
      body: {
        totalResults: 2,
        Resources: [
          { id: '1', userName: 'a', meta },
          { id: '2', userName: 'b', meta },
        ],
      },
    };
    const { output } = await onTheWire(
      [{ body: { bulk: { supported: true } } }, { body: { Operations } }, found, found],
      (connector) =>
        connector.actions.bulk_users({ action: 'create_user', rows: [{ userName: 'a' }, { userName: 'b' }] }),
    );

    expect(output).toMatchObject({
      succeeded: 2,
      results: [
        { row: 1, user: 'a', ok: true, id: '1' },
        { row: 2, user: 'b', ok: true, id: '2' },
      ],
    });
  });
});

describe('a success response without a change', () => {
  const unchanged = { body: { id: '1', active: 'True' } };

  it('of 200 to a deactivation is a provider_fault that says what to do', async () => {
    const { output } = await onTheWire([unchanged, unchanged, unchanged], (connector) =>
      failureOf(connector.actions.deactivate_user({ user: { id: '1' } })),
    );

    expect(output).toMatchObject({ code: 'provider_fault' });
    expect(String(output)).toContain('"active" is still true. Make the change at the provider');
  });

  it('of 204 to a deactivation is detected by reading the user', async () => {
    const { output } = await onTheWire([{ status: 204 }, unchanged, unchanged], (connector) =>
      failureOf(connector.actions.deactivate_user({ user: { id: '1' } })),
    );

    expect(output).toMatchObject({ code: 'provider_fault' });
  });
});

describe('a malicious input', () => {
  const nothing = (run: Parameters<typeof onTheWire>[1]) =>
    onTheWire([], (connector) => failureOf(run(connector)));

  it.each(['a\nb', 'W/"1"\r\nx: y', '\u0000', '😀'])('is rejected as a version: %j', async (ifVersion) => {
    const { output } = await nothing(({ actions }) =>
      actions.update_user({ user: { id: '1' }, title: 'x', ifVersion }),
    );

    expect(output).toMatchObject({ code: 'invalid_input', problems: [{ path: 'ifVersion' }] });
  });

  it('is rejected as an ID with a lone surrogate', async () => {
    const { output } = await nothing(({ actions }) => actions.get_user({ user: { id: 'a\ud800' } }));

    expect(output).toMatchObject({ code: 'invalid_input' });
  });

  it.each([
    'Users',
    '//../../x',
    '/../x',
    '/Users?a=b',
    '/Users#x',
    '/\\x',
    '/..;/',
    'https://evil.example.com/',
  ])('is rejected as a path, or stays below the base URL: %j', async (path) => {
    const { lines, output } = await onTheWire([{ body: {} }], (connector) =>
      connector.actions.custom_request({ path }),
    ).catch((error: unknown) => ({ lines: [], output: error }));

    if (lines.length > 0) expect(lines[0]).toMatch(/^GET \/scim\/v2\//);
    else expect(output).toMatchObject({ code: 'invalid_input', problems: [{ path: 'path' }] });
  });

  it('is rejected as a query value that is not a scalar', async () => {
    const { output } = await nothing(({ actions }) =>
      actions.custom_request({ path: '/Users', query: { a: ['b'] } }),
    );

    expect(output).toMatchObject({
      problems: [{ path: 'query.a', message: 'must be a string, a number, true, or false' }],
    });
  });

  it('is rejected as a change without attributes', async () => {
    for (const change of [{}, { name: {} }]) {
      const { output } = await nothing(({ actions }) =>
        actions.update_user({ user: { id: '1' }, ...change }),
      );
      expect(output).toMatchObject({ code: 'invalid_input' });
      expect(String(output)).toContain('set at least one field to change');
    }
  });
});
