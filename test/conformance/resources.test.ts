import { describe, expect, it } from 'vitest';
import {
  baseUrl,
  enterpriseUrn,
  errorUrn,
  groupUrn,
  makeService,
  patchUrn,
  token,
  userUrn,
} from '../support/scim-fixture.ts';

/** RFC 7643 §8.3, with the attributes that the service itself assigns omitted. */
const enterpriseUser = {
  schemas: [userUrn, enterpriseUrn],
  externalId: '701984',
  userName: 'bjensen@example.com',
  name: {
    formatted: 'Ms. Barbara J Jensen, III',
    familyName: 'Jensen',
    givenName: 'Barbara',
    middleName: 'Jane',
    honorificPrefix: 'Ms.',
    honorificSuffix: 'III',
  },
  displayName: 'Babs Jensen',
  nickName: 'Babs',
  profileUrl: 'https://login.example.com/bjensen',
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home' },
  ],
  addresses: [
    {
      streetAddress: '100 Universal City Plaza',
      locality: 'Hollywood',
      region: 'CA',
      postalCode: '91608',
      country: 'USA',
      formatted: '100 Universal City Plaza\nHollywood, CA 91608 USA',
      type: 'work',
      primary: true,
    },
    {
      streetAddress: '456 Hollywood Blvd',
      locality: 'Hollywood',
      region: 'CA',
      postalCode: '91608',
      country: 'USA',
      formatted: '456 Hollywood Blvd\nHollywood, CA 91608 USA',
      type: 'home',
    },
  ],
  phoneNumbers: [
    { value: '555-555-5555', type: 'work' },
    { value: '555-555-4444', type: 'mobile' },
  ],
  ims: [{ value: 'someaimhandle', type: 'aim' }],
  photos: [
    { value: 'https://photos.example.com/profilephoto/72930000000Ccne/F', type: 'photo' },
    { value: 'https://photos.example.com/profilephoto/72930000000Ccne/T', type: 'thumbnail' },
  ],
  userType: 'Employee',
  title: 'Tour Guide',
  preferredLanguage: 'en-US',
  locale: 'en-US',
  timezone: 'America/Los_Angeles',
  active: true,
  x509Certificates: [{ value: 'MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVM=' }],
  [enterpriseUrn]: {
    employeeNumber: '701984',
    costCenter: '4130',
    organization: 'Universal Studios',
    division: 'Theme Park',
    department: 'Tour Operations',
    manager: {
      value: '26118915-6090-4610-87e4-49d8ca9f808d',
      $ref: '../Users/26118915-6090-4610-87e4-49d8ca9f808d',
    },
  },
};

describe('authentication', () => {
  it.each([
    ['no header', {}],
    ['another token', { authorization: 'Bearer wrong' }],
    ['another scheme', { authorization: `Basic ${token}` }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('[auth-401]: %s', (_, headers) => {
    const { call } = makeService();
    const answer = call('GET', '/Users', undefined, { authorization: undefined, ...headers } as Record<
      string,
      string
    >);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    expect(answer.body).toMatchObject({ schemas: [errorUrn], status: '401' });
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  it('[auth-header-only]: a token in the query string', () => {
    const { call } = makeService();
    const none = { authorization: '' };
    expect(call('GET', `/Users?access_token=${token}`, undefined, none).status).toBe(401);
  });
});

describe('content', () => {
  it.each([
    'application/scim+json',
    'application/json',
    'application/json; charset=utf-8',
    'Application/SCIM+JSON',
  ])('[content-types]: %s is read', (type) => {
    const { call } = makeService();
    const body = { schemas: [userUrn], userName: 'a' };
    expect(call('POST', '/Users', body, { 'content-type': type }).status).toBe(201);
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    '[content-types]: %s is not',
    (type) => {
      const { call } = makeService();
      const answer = call('POST', '/Users', { schemas: [userUrn], userName: 'a' }, { 'content-type': type });
      expect(answer).toMatchObject({ status: 415, body: { status: '415' } });
    },
  );

  it.each(['', '{', '{"schemas":', "{'userName':'a'}", '[1,]', 'null', '[]', '"text"', '7'])(
    '[syntax-error]: %j',
    (text) => {
      const { call } = makeService();
      expect(call('POST', '/Users', text)).toMatchObject({
        status: 400,
        body: { scimType: 'invalidSyntax' },
      });
    },
  );

  it('[error-body]: the schema, a status that is a string, a detail, and no more', () => {
    const { call } = makeService();
    expect(call('GET', '/Users/none').body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '404',
      detail: 'There is no User with the id "none".',
    });
  });

  it.each(['/Nobody', '/users', '/Users/a/b', '/Schemas/none', '/ResourceTypes/none', '/%zz', '/Users/%zz'])(
    '[unknown-endpoint]: %s',
    (path) => {
      const { call } = makeService();
      expect(call('GET', path)).toMatchObject({ status: 404, body: { status: '404' } });
    },
  );

  it.each([
    ['PUT', '/Users', 'GET, HEAD, POST'],
    ['DELETE', '/Groups', 'GET, HEAD, POST'],
    ['POST', '/Users/a', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['POST', '/ServiceProviderConfig', 'GET, HEAD'],
    ['DELETE', '/Schemas', 'GET, HEAD'],
    ['PATCH', '/ResourceTypes/User', 'GET, HEAD'],
    ['GET', '/Bulk', 'POST'],
    ['GET', '/Users/.search', 'POST'],
    ['POST', '/', 'GET, HEAD'],
  ])('[method-not-allowed]: %s %s', (method, path, allow) => {
    const { call } = makeService();
    expect(call(method, path)).toMatchObject({ status: 405, headers: { allow }, body: { status: '405' } });
  });

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('[me]: %s', (method) => {
    expect(makeService().call(method, '/Me')).toMatchObject({ status: 501, body: { status: '501' } });
  });
});

describe('creating', () => {
  it('[create-201]: the example of RFC 7644 §3.3', () => {
    const { call } = makeService();
    const answer = call('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'bjensen',
      externalId: 'bjensen',
      name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' },
    });
    expect(answer.status).toBe(201);
    const location = `${baseUrl}/Users/${answer.body.id}`;
    expect(answer.headers).toMatchObject({ location, etag: 'W/"1"' });
    expect(answer.body).toMatchObject({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      externalId: 'bjensen',
      userName: 'bjensen',
      name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' },
    });
  });

  it('[create-meta]: id and meta are the service’s', () => {
    const { call } = makeService();
    const { body } = call('POST', '/Users', { schemas: [userUrn], userName: 'a' });
    expect(body.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.meta).toEqual({
      resourceType: 'User',
      created: '2026-01-01T00:00:00.000Z',
      lastModified: '2026-01-01T00:00:00.000Z',
      location: `${baseUrl}/Users/${body.id}`,
      version: 'W/"1"',
    });
  });

  it('[create-ignores-readonly]: id, meta, groups and unknown attributes', () => {
    const { call } = makeService();
    const { status, body } = call('POST', '/Users', {
      schemas: [userUrn],
      userName: 'a',
      id: 'mine',
      meta: { resourceType: 'Group', version: 'W/"99"' },
      groups: [{ value: 'x' }],
      [enterpriseUrn]: { manager: { displayName: 'Not for clients to say' } },
      favoriteColor: 'red',
      'urn:example:unknown': { a: 1 },
    });
    expect(status).toBe(201);
    expect(Object.keys(body).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName']);
    expect(body.id).not.toBe('mine');
    expect(body.meta).toMatchObject({ resourceType: 'User', version: 'W/"1"' });
  });

  it.each([
    ['/Users', { schemas: [userUrn] }, 'userName'],
    ['/Users', { schemas: [userUrn], userName: '' }, 'userName'],
    ['/Users', { schemas: [userUrn], userName: null }, 'userName'],
    ['/Groups', { schemas: [groupUrn] }, 'displayName'],
  ])('[create-required]: %s %j', (path, body, name) => {
    const answer = makeService().call('POST', path, body);
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(answer.body.detail).toContain(`"${name}"`);
  });

  it('[create-unique]: in any case, and on PUT and PATCH as well', () => {
    const { call, user, patch } = makeService();
    user('Alice@Example.com');
    const bob = user('bob@example.com');
    const conflict = { status: 409, body: { status: '409', scimType: 'uniqueness' } };
    const body = { schemas: [userUrn], userName: 'aLICE@example.COM' };
    expect(call('POST', '/Users', body)).toMatchObject(conflict);
    expect(call('PUT', `/Users/${bob}`, body)).toMatchObject(conflict);
    expect(
      patch(`/Users/${bob}`, { op: 'replace', path: 'userName', value: 'ALICE@EXAMPLE.COM' }),
    ).toMatchObject(conflict);
    expect(call('GET', `/Users/${bob}`).body).toMatchObject({ userName: 'bob@example.com' });
  });

  it.each([
    [{ userName: 5 }, '"userName" must be a string'],
    [{ active: 'perhaps' }, '"active" must be true or false'],
    [{ name: 'Babs' }, '"name" must be an object'],
    [{ name: { givenName: 1 } }, '"name.givenName" must be a string'],
    [{ emails: 'a@example.com' }, '"emails" must be an array'],
    [{ emails: ['a@example.com'] }, '"emails" must be an object'],
    [{ emails: [{ value: 7 }] }, '"emails.value" must be a string'],
    [{ emails: [{ primary: 'maybe' }] }, '"emails.primary" must be true or false'],
    [{ x509Certificates: [{ value: 'not base64!' }] }, '"x509Certificates.value" must be a base64 string'],
    [{ [enterpriseUrn]: 'Sales' }, `"${enterpriseUrn}" must be an object`],
    [{ [enterpriseUrn]: { manager: [] } }, '"manager" must be an object'],
  ])('[create-types]: %j', (values, detail) => {
    const answer = makeService().call('POST', '/Users', { schemas: [userUrn], userName: 'a', ...values });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(answer.body.detail).toContain(detail);
  });

  it.each([undefined, [], userUrn, [groupUrn], [42]])('[schemas-required]: %j', (schemas) => {
    const answer = makeService().call('POST', '/Users', { schemas, userName: 'a' });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(answer.body.detail).toContain(userUrn);
  });

  it('[names-any-case]: attributes and URNs', () => {
    const { call } = makeService();
    const { status, body } = call('POST', '/Users', {
      SCHEMAS: [userUrn.toUpperCase()],
      USERNAME: 'a',
      Name: { GIVENNAME: 'Babs' },
      [enterpriseUrn.toLowerCase()]: { DEPARTMENT: 'Sales' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      schemas: [userUrn, enterpriseUrn],
      userName: 'a',
      name: { givenName: 'Babs' },
      [enterpriseUrn]: { department: 'Sales' },
    });
  });

  it('[unassigned]: null, empty arrays and empty objects are not stored', () => {
    const { call } = makeService();
    const { body } = call('POST', '/Users', {
      schemas: [userUrn],
      userName: 'a',
      title: null,
      emails: [],
      roles: [null],
      name: { givenName: null },
      [enterpriseUrn]: { department: null },
    });
    expect(Object.keys(body).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName']);
  });

  it('[one-primary]: two are refused, the same value twice is one', () => {
    const { call } = makeService();
    const body = (emails: object[]) => ({ schemas: [userUrn], userName: 'a', emails });
    const two = [
      { value: 'a@x.org', primary: true },
      { value: 'b@x.org', primary: true },
    ];
    expect(call('POST', '/Users', body(two))).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
    const same = [
      { value: 'a@x.org', type: 'work' },
      { value: 'A@X.org', type: 'work' },
    ];
    expect(call('POST', '/Users', body(same)).body.emails).toEqual([{ value: 'a@x.org', type: 'work' }]);
  });

  it('[full-user]: comes back as it went in', () => {
    const { call } = makeService();
    const { body } = call('POST', '/Users', { ...enterpriseUser, password: 't1meMa$heen' });
    const { id, meta, ...rest } = call('GET', `/Users/${body.id}`).body;
    expect(rest).toEqual(enterpriseUser);
    expect({ id, meta }).toEqual({ id: body.id, meta: body.meta });
  });

  it('[groups-computed]: direct and indirect, in a circle, too', () => {
    const { call, user, group, patch } = makeService();
    const babs = user('babs');
    const inner = group('Inner', [babs]);
    const outer = group('Outer', [inner]);
    patch(`/Groups/${inner}`, { op: 'add', path: 'members', value: [{ value: outer }] });
    expect(call('GET', `/Users/${babs}`).body.groups).toEqual([
      { value: inner, $ref: `${baseUrl}/Groups/${inner}`, display: 'Inner', type: 'direct' },
      { value: outer, $ref: `${baseUrl}/Groups/${outer}`, display: 'Outer', type: 'indirect' },
    ]);
    expect(call('GET', `/Groups/${outer}`).body.members).toEqual([
      { value: inner, $ref: `${baseUrl}/Groups/${inner}`, type: 'Group' },
    ]);
  });

  it('[password-never]: not on any answer, and not by a filter', () => {
    const { call, search, patch } = makeService();
    const body = { schemas: [userUrn], userName: 'a', password: 'hunter2' };
    const created = call('POST', '/Users?attributes=password', body);
    const path = `/Users/${created.body.id}`;
    const answers = [
      created,
      call('PUT', path, body),
      patch(`${path}?attributes=password`, { op: 'replace', path: 'password', value: 'hunter2' }),
      call('GET', `${path}?attributes=password`),
      search('Users', { attributes: 'password' }),
    ];
    for (const answer of answers) {
      expect([200, 201]).toContain(answer.status);
      expect(JSON.stringify(answer.body)).not.toMatch(/password|hunter2/);
    }
    expect(search('Users', { filter: 'password sw "h"' })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidFilter' },
    });
  });
});

describe('replacing and deleting', () => {
  it('[put-replaces]: clears omitted attributes, id and meta.created stay', () => {
    const { call, tick } = makeService();
    const { body: before } = call('POST', '/Users', enterpriseUser);
    tick(1000);
    const { status, body } = call('PUT', `/Users/${before.id}`, {
      schemas: [userUrn],
      id: 'another',
      userName: 'bjensen@example.com',
      meta: { created: '1999-01-01T00:00:00Z' },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      schemas: [userUrn],
      id: before.id,
      userName: 'bjensen@example.com',
      meta: {
        resourceType: 'User',
        created: '2026-01-01T00:00:00.000Z',
        lastModified: '2026-01-01T00:00:01.000Z',
        location: `${baseUrl}/Users/${before.id}`,
        version: 'W/"2"',
      },
    });
    expect(call('PUT', '/Users/none', { schemas: [userUrn], userName: 'x' }).status).toBe(404);
  });

  it('[delete]: 204, then 404 for everything', () => {
    const { call, user, patch } = makeService();
    const path = `/Users/${user('babs')}`;
    expect(call('DELETE', path)).toMatchObject({ status: 204, body: {} });
    expect(call('GET', path).status).toBe(404);
    expect(call('DELETE', path).status).toBe(404);
    expect(call('PUT', path, { schemas: [userUrn], userName: 'babs' }).status).toBe(404);
    expect(patch(path, { op: 'replace', path: 'title', value: 'x' }).status).toBe(404);
  });

  it('[delete-unreferenced]: lists, groups and the userName', () => {
    const { call, user, group, search, commits } = makeService();
    const babs = user('babs');
    const staff = group('Staff', [babs, user('jim')]);
    commits.length = 0;
    call('DELETE', `/Users/${babs}`);
    expect(commits).toHaveLength(1);
    expect(commits[0]?.changes.map(({ before, after }) => [before?.id, after?.id])).toEqual([
      [babs, undefined],
      [staff, staff],
    ]);
    expect(search('Users', { filter: 'userName eq "babs"' }).body.totalResults).toBe(0);
    expect(call('GET', `/Groups/${staff}`).body.members).toHaveLength(1);
    expect(call('GET', `/Groups/${staff}`).headers.etag).toBe('W/"2"');
    user('babs');
  });
});

describe('versions', () => {
  it('[etag]: the header is meta.version, and only a change moves it', () => {
    const { call, user, patch, commits, tick } = makeService();
    const path = `/Users/${user('babs', { title: 'Guide' })}`;
    const first = call('GET', path);
    expect(first.headers.etag).toBe('W/"1"');
    tick(5000);
    commits.length = 0;
    const same = patch(path, { op: 'replace', path: 'title', value: 'Guide' });
    expect(same.body).toEqual(first.body);
    expect(call('PUT', path, first.body).body).toEqual(first.body);
    expect(commits).toEqual([]);
    const changed = patch(path, { op: 'replace', path: 'title', value: 'Chief' });
    expect(changed.headers.etag).toBe('W/"2"');
    expect(changed.body.meta).toMatchObject({ version: 'W/"2"', lastModified: '2026-01-01T00:00:05.000Z' });
    expect(commits).toHaveLength(1);
  });

  it('[etag]: joining a group shows in the user’s tag, but is no lost update', () => {
    const { call, user, group } = makeService();
    const id = user('babs');
    const before = String(call('GET', `/Users/${id}`).headers.etag);
    group('Staff', [id]);
    const after = String(call('GET', `/Users/${id}`).headers.etag);
    expect(after).not.toBe(before);
    expect(call('GET', `/Users/${id}`, undefined, { 'if-none-match': before }).status).toBe(200);
    group('Crew', [id]);
    const put = (title: string, tag: string) =>
      call('PUT', `/Users/${id}`, { schemas: [userUrn], userName: 'babs', title }, { 'if-match': tag })
        .status;
    expect(put('Guide', after)).toBe(200);
    expect(put('Chief', after)).toBe(412);
    expect(put('Chief', before)).toBe(412);
    expect(put('Chief', 'W/"2"')).toBe(200);
  });

  it('[if-match]: on PUT, PATCH and DELETE', () => {
    const { call, user } = makeService();
    const path = `/Users/${user('babs')}`;
    const stale = { 'if-match': 'W/"7"' };
    const put = { schemas: [userUrn], userName: 'babs', title: 'x' };
    const operations = { schemas: [patchUrn], Operations: [{ op: 'add', path: 'title', value: 'y' }] };
    expect(call('PUT', path, put, stale)).toMatchObject({ status: 412, body: { status: '412' } });
    expect(call('PATCH', path, operations, stale).status).toBe(412);
    expect(call('DELETE', path, undefined, stale).status).toBe(412);
    expect(call('PUT', path, put, { 'if-match': 'W/"7", W/"1"' }).status).toBe(200);
    expect(call('PATCH', path, operations, { 'if-match': '*' }).status).toBe(200);
    expect(call('DELETE', path, undefined, { 'if-match': 'W/"3"' }).status).toBe(204);
  });

  it('[if-none-match]: 304 without a body, compared weakly', () => {
    const { call, user } = makeService();
    const path = `/Users/${user('babs')}`;
    for (const tag of ['W/"1"', '"1"', '*', 'W/"0", W/"1"']) {
      expect(call('GET', path, undefined, { 'if-none-match': tag })).toMatchObject({ status: 304, body: {} });
    }
    expect(call('GET', path, undefined, { 'if-none-match': 'W/"2"' }).status).toBe(200);
  });
});

describe('discovery', () => {
  it('[discovery]: every schema and resource type that is named can be read', () => {
    const { call } = makeService();
    const types = call('GET', '/ResourceTypes').body.Resources;
    expect(types).toMatchObject([
      {
        id: 'User',
        endpoint: '/Users',
        schema: userUrn,
        schemaExtensions: [
          { schema: enterpriseUrn, required: false },
          { schema: 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole', required: false },
        ],
        meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/User` },
      },
      { id: 'Group', endpoint: '/Groups', schema: groupUrn, schemaExtensions: [] },
    ]);
    const { body } = call('GET', '/Schemas');
    expect(body).toMatchObject({ totalResults: 7, startIndex: 1, itemsPerPage: 7 });
    for (const { id } of body.Resources as { id: string }[]) {
      expect(call('GET', `/Schemas/${id}`).body).toMatchObject({
        id,
        meta: { location: `${baseUrl}/Schemas/${id}` },
      });
    }
    expect(call('GET', '/ResourceTypes/Group').body).toMatchObject({ name: 'Group' });
    expect(call('GET', '/ServiceProviderConfig').body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true, maxOperations: 1000, maxPayloadSize: 1_048_576 },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      authenticationSchemes: [{ type: 'oauthbearertoken', name: 'OAuth Bearer Token' }],
    });
  });

  it.each(['/ServiceProviderConfig', '/ResourceTypes', '/Schemas', `/Schemas/${userUrn}`])(
    '[discovery-filter]: %s',
    (path) => {
      const answer = makeService().call('GET', `${path}?filter=id%20pr`);
      expect(answer).toMatchObject({ status: 403, body: { status: '403' } });
    },
  );

  it('[discovery-paging]: index is the default, cursors are there', () => {
    expect(makeService().call('GET', '/ServiceProviderConfig').body.pagination).toEqual({
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: 100,
      maxPageSize: 1000,
      cursorTimeout: 3600,
    });
  });
});
