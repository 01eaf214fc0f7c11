import { describe, expect, it } from 'vitest';
import {
  baseUrl,
  bulkUrn,
  enterpriseUrn,
  errorUrn,
  groupUrn,
  makeService,
  patchUrn,
  userUrn,
} from '../support/scim-fixture.ts';

type Row = Readonly<Record<string, unknown>>;

function bulk(service: ReturnType<typeof makeService>, operations: readonly object[], more: object = {}) {
  const answer = service.call('POST', '/Bulk', { schemas: [bulkUrn], Operations: operations, ...more });
  return { ...answer, rows: (answer.body.Operations ?? []) as readonly Row[] };
}

const idOf = (row: Row | undefined): string => String(row?.location).split('/').at(-1) ?? '';
const postUser = (bulkId: string, userName: string) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [userUrn], userName },
});
const postGroup = (bulkId: string, displayName: string, ...members: readonly string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: {
    schemas: [groupUrn],
    displayName,
    members: members.map((member) => ({ value: `bulkId:${member}` })),
  },
});

describe('bulk', () => {
  it('[bulk]: the methods of RFC 7644 §3.7.3', () => {
    const service = makeService();
    const [jim, bob, ann] = [service.user('jim'), service.user('bob'), service.user('ann')];
    service.commits.length = 0;
    const { status, body, rows } = bulk(service, [
      postUser('qwerty', 'Alice'),
      {
        method: 'PUT',
        path: `/Users/${jim}`,
        version: 'W/"1"',
        data: { schemas: [userUrn], userName: 'Jimmy' },
      },
      {
        method: 'PATCH',
        path: `/Users/${bob}`,
        version: 'W/"1"',
        data: { schemas: [patchUrn], Operations: [{ op: 'replace', path: 'title', value: 'x' }] },
      },
      { method: 'DELETE', path: `/Users/${ann}`, version: 'W/"1"' },
    ]);
    expect(status).toBe(200);
    expect(body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
      Operations: [
        {
          method: 'POST',
          bulkId: 'qwerty',
          location: `${baseUrl}/Users/${idOf(rows[0])}`,
          version: 'W/"1"',
          status: '201',
        },
        { method: 'PUT', location: `${baseUrl}/Users/${jim}`, version: 'W/"2"', status: '200' },
        { method: 'PATCH', location: `${baseUrl}/Users/${bob}`, version: 'W/"2"', status: '200' },
        { method: 'DELETE', location: `${baseUrl}/Users/${ann}`, status: '204' },
      ],
    });
    expect(service.commits.map(({ operation }) => operation)).toEqual([
      'create',
      'replace',
      'patch',
      'delete',
    ]);
  });

  it('[bulk-id]: the example of RFC 7644 §3.7.2, and references in paths', () => {
    const service = makeService();
    const { rows } = bulk(service, [
      postUser('qwerty', 'Alice'),
      postGroup('ytrewq', 'Tour Guides', 'qwerty'),
      {
        method: 'PATCH',
        path: '/Users/bulkId:qwerty',
        data: { schemas: [patchUrn], Operations: [{ op: 'add', path: 'title', value: 'Guide' }] },
      },
    ]);
    expect(rows.map(({ status }) => status)).toEqual(['201', '201', '200']);
    expect(service.call('GET', `/Groups/${idOf(rows[1])}`).body.members).toMatchObject([
      { value: idOf(rows[0]), type: 'User' },
    ]);
    expect(service.call('GET', `/Users/${idOf(rows[0])}`).body).toMatchObject({
      title: 'Guide',
      groups: [{ display: 'Tour Guides' }],
    });
  });

  it('[bulk-id]: a reference to what comes later', () => {
    const service = makeService();
    const { rows } = bulk(service, [
      postGroup('g', 'Outer', 'h'),
      postGroup('h', 'Inner', 'u'),
      postUser('u', 'Alice'),
    ]);
    expect(rows.map(({ bulkId, status }) => [bulkId, status])).toEqual([
      ['g', '201'],
      ['h', '201'],
      ['u', '201'],
    ]);
    expect(service.call('GET', `/Users/${idOf(rows[2])}`).body.groups).toMatchObject([
      { display: 'Inner', type: 'direct' },
      { display: 'Outer', type: 'indirect' },
    ]);
  });

  it('[bulk-circular]: the example of RFC 7644 §3.7.1', () => {
    const service = makeService();
    const { rows } = bulk(service, [
      postGroup('qwerty', 'Group A', 'ytrewq'),
      postGroup('ytrewq', 'Group B', 'qwerty'),
    ]);
    expect(rows.map(({ status }) => status)).toEqual(['201', '201']);
    const [a, b] = rows.map(idOf);
    expect(service.call('GET', `/Groups/${a}`).body.members).toMatchObject([{ value: b, type: 'Group' }]);
    expect(service.call('GET', `/Groups/${b}`).body.members).toMatchObject([{ value: a, type: 'Group' }]);
    expect(service.commits).toHaveLength(1);
  });

  it('[bulk-circular]: one that cannot be created fails with the others of its circle, and nothing is left', () => {
    const service = makeService();
    const { rows } = bulk(service, [
      postGroup('a', 'Group A', 'b'),
      postGroup('b', '', 'a'),
      postUser('u', 'Alice'),
    ]);
    expect(rows.map(({ status }) => status)).toEqual(['400', '400', '201']);
    expect(service.call('GET', '/Groups').body.totalResults).toBe(0);
  });

  it('[bulk-circular]: two users of one circle cannot share a userName', () => {
    const report = (bulkId: string, userName: string, manager: string) => ({
      method: 'POST',
      path: '/Users',
      bulkId,
      data: { schemas: [userUrn], userName, [enterpriseUrn]: { manager: { value: `bulkId:${manager}` } } },
    });
    const { rows } = bulk(makeService(), [report('a', 'Alice', 'b'), report('b', 'ALICE', 'a')]);
    expect(rows.map(({ status }) => status)).toEqual(['409', '409']);
    const service = makeService();
    const { rows: others } = bulk(service, [report('a', 'Alice', 'b'), report('b', 'Bob', 'a')]);
    expect(service.call('GET', `/Users/${idOf(others[0])}`).body).toMatchObject({
      [enterpriseUrn]: { manager: { value: idOf(others[1]) } },
    });
  });

  it('[bulk-errors]: a failure carries its error, and the rest goes on', () => {
    const service = makeService();
    service.user('alice');
    const { status, rows } = bulk(service, [
      postUser('a', 'ALICE'),
      { method: 'PUT', path: '/Users/none', data: { schemas: [userUrn], userName: 'x' } },
      postGroup('g', 'Staff', 'a'),
      postUser('b', 'Bob'),
    ]);
    expect(status).toBe(200);
    expect(rows).toMatchObject([
      {
        method: 'POST',
        bulkId: 'a',
        status: '409',
        response: { schemas: [errorUrn], status: '409', scimType: 'uniqueness' },
      },
      { method: 'PUT', status: '404', location: `${baseUrl}/Users/none`, response: { status: '404' } },
      { method: 'POST', bulkId: 'g', status: '409', response: { status: '409' } },
      { status: '201' },
    ]);
    expect(rows[0]).not.toHaveProperty('location');
  });

  it('[bulk-errors]: failOnErrors', () => {
    const bad = (bulkId: string) => postUser(bulkId, '');
    const run = (failOnErrors: number) =>
      bulk(makeService(), [bad('1'), postUser('2', 'a'), bad('3'), postUser('4', 'b')], {
        failOnErrors,
      }).rows.map(({ status }) => status);
    expect(run(1)).toEqual(['400']);
    expect(run(2)).toEqual(['400', '201', '400']);
    expect(run(3)).toEqual(['400', '201', '400', '201']);
  });

  it.each([
    ['no method', { path: '/Users', bulkId: 'x', data: {} }, 'invalidSyntax'],
    ['GET', { method: 'GET', path: '/Users' }, 'invalidSyntax'],
    ['no bulkId', { ...postUser('x', 'a'), bulkId: undefined }, 'invalidSyntax'],
    ['an unknown endpoint', { ...postUser('x', 'a'), path: '/Things' }, 'invalidValue'],
    ['bulk in bulk', { ...postUser('x', 'a'), path: '/Bulk' }, 'invalidValue'],
    ['POST with an id', { ...postUser('x', 'a'), path: '/Users/1' }, 'invalidValue'],
    ['DELETE without an id', { method: 'DELETE', path: '/Users' }, 'invalidValue'],
    ['no data', { method: 'PUT', path: '/Users/1' }, 'invalidSyntax'],
    ['half a surrogate pair in the path', { method: 'DELETE', path: '/Users/\ud800' }, undefined],
  ])('[bulk-errors]: an operation with %s fails alone', (_, operation, scimType) => {
    const { status, rows } = bulk(makeService(), [operation, postUser('good', 'good')]);
    expect(status).toBe(200);
    expect(rows[0]).toMatchObject({ status: scimType === undefined ? '404' : '400' });
    expect(rows[0]).toMatchObject({ response: scimType === undefined ? { status: '404' } : { scimType } });
    expect(rows[1]).toMatchObject({ status: '201' });
  });

  it('[bulk-errors]: a bulkId that is used twice, and a stale version', () => {
    const service = makeService();
    const jim = service.user('jim');
    const { rows } = bulk(service, [
      postUser('x', 'a'),
      postUser('x', 'b'),
      { method: 'DELETE', path: `/Users/${jim}`, version: 'W/"9"' },
    ]);
    expect(rows.map(({ status }) => status)).toEqual(['201', '400', '412']);
  });

  it.each([
    [{ schemas: [userUrn], Operations: [postUser('a', 'a')] }, 'invalidSyntax'],
    [{ schemas: [bulkUrn] }, 'invalidSyntax'],
    [{ schemas: [bulkUrn], Operations: [] }, 'invalidSyntax'],
    [{ schemas: [bulkUrn], Operations: ['x'] }, 'invalidSyntax'],
    [{ schemas: [bulkUrn], Operations: [postUser('a', 'a')], failOnErrors: 'x' }, 'invalidValue'],
  ])('[bulk-errors]: an invalid request: %j', (body, scimType) => {
    expect(makeService().call('POST', '/Bulk', body)).toMatchObject({ status: 400, body: { scimType } });
  });

  it('[bulk-limits]: 413 names the limit, and nothing is done', () => {
    const service = makeService({ limits: { maxBulkOperations: 2 } });
    const answer = bulk(
      service,
      ['a', 'b', 'c'].map((name) => postUser(name, name)),
    );
    expect(answer).toMatchObject({ status: 413, body: { status: '413' } });
    expect(answer.body.detail).toContain('2 operations');
    expect(service.commits).toEqual([]);
  });
});
