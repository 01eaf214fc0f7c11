import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bulkUrn,
  enterpriseUrn,
  errorUrn,
  groupUrn,
  makeService,
  patchUrn,
  userUrn,
} from '../../../../support/scim-fixture.ts';

const pathText = fc.oneof(
  fc.constantFrom(
    'userName',
    'name',
    'name.givenName',
    'emails',
    'emails.value',
    'emails[type eq "work"]',
    'emails[type eq "work"].value',
    'emails[primary eq true].display',
    'emails[value co "a" or not (type pr)].type',
    'members',
    'members[value eq "x"]',
    'members.value',
    'displayName',
    'active',
    'password',
    'groups',
    'id',
    'meta',
    'schemas',
    '__proto__',
    'constructor',
    enterpriseUrn,
    `${enterpriseUrn}:manager`,
    `${enterpriseUrn}:manager.value`,
    `${userUrn}:title`,
    userUrn,
  ),
  fc.string({ maxLength: 30 }),
);
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record(
    { value: fc.string(), type: fc.constantFrom('work', 'home'), primary: fc.boolean() },
    { requiredKeys: [] },
  ),
  fc.array(
    fc.record(
      { value: fc.string(), type: fc.constantFrom('work', 'home'), primary: fc.boolean() },
      { requiredKeys: [] },
    ),
    { maxLength: 3 },
  ),
  fc.dictionary(pathText, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
);
const operation = fc.record(
  { op: fc.constantFrom('add', 'Add', 'replace', 'REMOVE', 'remove'), path: pathText, value: anything },
  { requiredKeys: ['op'] },
);

/** What holds for every resource, whatever was done to it. */
function checkResource(body: Readonly<Record<string, unknown>>): void {
  expect(body).toMatchObject({
    schemas: expect.arrayContaining([expect.any(String)]),
    id: expect.any(String),
    meta: { version: expect.stringMatching(/^W\/"/) },
  });
  for (const value of Object.values(body)) {
    if (!Array.isArray(value)) continue;
    expect(value.length).toBeGreaterThan(0);
    expect(value.filter((item) => item?.primary === true).length).toBeLessThan(2);
  }
}

describe('random requests', () => {
  it('a PATCH of a user succeeds, or is a 4xx that changes nothing', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 5 }), (operations) => {
        const { user, patch, call, errors } = makeService();
        const path = `/Users/${user('babs', { title: 'A', emails: [{ value: 'a@x', type: 'work', primary: true }] })}`;
        const before = call('GET', path);
        const answer = patch(path, ...operations);
        expect(errors).toEqual([]);
        const after = call('GET', path);
        if (answer.status === 200) {
          checkResource(after.body);
          // Done once more, a PATCH still leads to a resource that is valid.
          expect([200, 400]).toContain(patch(path, ...operations).status);
        } else {
          expect([400, 409]).toContain(answer.status);
          expect(answer.body).toMatchObject({ schemas: [errorUrn], detail: expect.any(String) });
          expect(after).toEqual(before);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('a PATCH of a group succeeds, or is a 4xx that changes nothing', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 4 }), (operations) => {
        const { user, group, patch, call, errors } = makeService();
        const path = `/Groups/${group('Staff', [user('babs')])}`;
        const before = call('GET', path);
        const answer = patch(path, ...operations);
        expect(errors).toEqual([]);
        if (answer.status === 204) checkResource(call('GET', path).body);
        else expect([answer.status, call('GET', path)]).toEqual([400, before]);
      }),
      { numRuns: 700 },
    );
  });

  it.each(['POST', 'PUT'])('%s of a resource is never a 500', (method) => {
    const body = fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.dictionary(pathText, anything).map((values) => ({ userName: 'x', ...values, schemas: [userUrn] })),
    );
    fc.assert(
      fc.property(body, (value) => {
        const { user, call, errors } = makeService();
        const path = method === 'PUT' ? `/Users/${user('babs')}` : '/Users';
        const answer = call(method, path, JSON.stringify(value));
        expect(errors).toEqual([]);
        expect([200, 201, 400, 409]).toContain(answer.status);
        if (answer.status < 300) checkResource(answer.body);
      }),
      { numRuns: 700 },
    );
  });

  it('a bulk request is never a 500', () => {
    const bulkOperation = fc.record(
      {
        method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'post', 'GET'),
        path: fc.oneof(
          fc.constantFrom('/Users', '/Groups', '/Users/bulkId:a', '/Groups/bulkId:b', '/Users/%zz', '/Bulk'),
          fc.string(),
        ),
        bulkId: fc.constantFrom('a', 'b', 'c', ''),
        version: fc.string(),
        data: fc.oneof(
          fc.jsonValue({ maxDepth: 2 }),
          fc.constantFrom(
            { schemas: [userUrn], userName: 'bulkId:a' },
            {
              schemas: [groupUrn],
              displayName: 'G',
              members: [{ value: 'bulkId:a' }, { value: 'bulkId:b' }],
            },
            { schemas: [groupUrn], displayName: 'H', members: [{ value: 'bulkId:c' }] },
            {
              schemas: [patchUrn],
              Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:a' }] }],
            },
          ),
        ),
      },
      { requiredKeys: ['method'] },
    );
    fc.assert(
      fc.property(fc.array(bulkOperation, { minLength: 1, maxLength: 6 }), (operations) => {
        const { call, errors } = makeService();
        const answer = call('POST', '/Bulk', { schemas: [bulkUrn], Operations: operations });
        expect(errors).toEqual([]);
        expect(answer.status).toBe(200);
        expect(answer.body.Operations).toHaveLength(operations.length);
      }),
      { numRuns: 500 },
    );
  });

  it('a URL is never a 500', () => {
    const query = fc.array(
      fc.tuple(
        fc.constantFrom(
          'filter',
          'sortBy',
          'sortOrder',
          'startIndex',
          'count',
          'cursor',
          'attributes',
          'excludedAttributes',
          'x',
        ),
        fc.oneof(
          fc.string(),
          fc.constantFrom('userName pr', 'emails[', '-1', '99999999999999999999', 'meta', '%', '%zz', '1e3'),
        ),
      ),
      { maxLength: 4 },
    );
    const path = fc.oneof(
      fc.constantFrom('/Users', '/', '/Groups', '/Users/x', '/Schemas', '//', '/Users//'),
      fc.webPath(),
    );
    fc.assert(
      fc.property(path, query, fc.boolean(), (where, parameters, isEncoded) => {
        const { user, call, errors } = makeService();
        user('babs', { emails: [{ value: 'a@x' }] });
        const text = parameters
          .map(([name, value]) => `${name}=${isEncoded ? encodeURIComponent(value.toWellFormed()) : value}`)
          .join('&');
        const answer = call('GET', `${where}?${text}`);
        expect(errors).toEqual([]);
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('hostile requests', () => {
  it('keys that name prototypes are not stored, and pollute nothing', () => {
    const { call, patch } = makeService();
    const evil = `{"schemas":["${userUrn}"],"userName":"a","__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"name":{"__proto__":{"admin":true},"givenName":"A"}}`;
    const { status, body } = call('POST', '/Users', evil);
    expect(status).toBe(201);
    expect(Object.keys(body).sort()).toEqual(['active', 'id', 'meta', 'name', 'schemas', 'userName']);
    expect(body.name).toEqual({ givenName: 'A' });
    const patched = `{"schemas":["${patchUrn}"],"Operations":[{"op":"add","value":{"__proto__":{"admin":true},"toString":"x"}}]}`;
    expect(call('PATCH', `/Users/${body.id}`, patched).status).toBe(200);
    expect(patch(`/Users/${body.id}`, { op: 'add', path: '__proto__.admin', value: true }).status).toBe(400);
    expect(Reflect.get({}, 'admin')).toBeUndefined();
  });

  it.each([
    ['arrays', '['.repeat(500_000)],
    ['objects', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
    ['quotes that hide nothing', `{"a":"\\"${'['.repeat(40)}","b":${'['.repeat(40)}`],
  ])('nesting is rejected before it is parsed: %s', (_, text) => {
    const answer = makeService().call('POST', '/Users', text);
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidSyntax' } });
    expect(answer.body.detail).toContain('32 levels');
  });

  it('brackets in a string do not count as nesting', () => {
    const { call } = makeService();
    const userName = `"${'[{'.repeat(100)}`;
    expect(call('POST', '/Users', { schemas: [userUrn], userName }).body).toMatchObject({ userName });
  });

  it('a filter of thousands of brackets is rejected', () => {
    const filter = `${'('.repeat(5000)}title pr${')'.repeat(5000)}`;
    expect(makeService().search('Users', { filter })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidFilter' },
    });
  });

  it('a PATCH that would take too many comparisons is rejected', () => {
    const { user, group, patch } = makeService({ limits: { maxComparisons: 100 } });
    const ids = Array.from({ length: 20 }, (_, nth) => user(`u${nth}`));
    const path = `/Groups/${group('Staff', ids)}`;
    const remove = (id: string) => ({ op: 'remove', path: `members[value eq "${id}"]` });
    expect(patch(path, ...ids.slice(0, 6).map(remove))).toMatchObject({
      status: 400,
      body: { scimType: 'tooMany' },
    });
    expect(patch(path, ...ids.slice(0, 3).map(remove)).status).toBe(204);
  });

  it('line breaks in IDs and values do not reach a header', () => {
    const { call, user } = makeService();
    user('a\r\nset-cookie: x=1');
    const answer = call('GET', `/Users/${encodeURIComponent('x\r\nset-cookie: y=1')}`);
    expect(answer.status).toBe(404);
    expect(JSON.stringify(answer.headers)).not.toContain('set-cookie');
  });

  it('an unexpected error is a 500 without details', () => {
    const { call, errors } = makeService({
      hooks: {
        beforeCommit: () => {
          throw new Error('secret path /etc/x');
        },
      },
    });
    const answer = call('POST', '/Users', { schemas: [userUrn], userName: 'a' });
    expect(answer).toMatchObject({ status: 500, body: { schemas: [errorUrn], status: '500' } });
    expect(JSON.stringify(answer)).not.toMatch(/secret|\.ts/);
    expect(errors).toHaveLength(1);
  });
});
