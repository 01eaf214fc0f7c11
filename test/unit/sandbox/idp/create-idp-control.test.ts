import { describe, expect, it } from 'vitest';
import { createIdp, createIdpControl, IdpError } from '../../../../sandbox/idp/index.ts';

const ann = { userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' };

function setUp() {
  const idp = createIdp({ flavor: 'okta', isProvisioning: false });
  return { idp, call: createIdpControl(idp) };
}

describe('the control interface', () => {
  it('adds and assigns a person in one call, and reports pending people', async () => {
    const { call } = setUp();
    expect(await call('POST', '/assign', { ...ann, roles: { workato_role: 'Admin' } })).toMatchObject({
      status: 200,
      body: { ok: false, error: expect.stringContaining('Provisioning is off'), exchanges: [] },
    });
    expect(await call('GET', '/people')).toEqual({
      status: 200,
      body: {
        people: [
          {
            id: expect.stringMatching(/^00u/),
            ...ann,
            roles: { workato_role: 'Admin' },
            isAssigned: true,
            isPending: true,
            error: expect.any(String),
          },
        ],
      },
    });
  });

  it('has all operations', async () => {
    const { idp, call } = setUp();
    expect(await call('POST', '/people', { ...ann, department: 'IT' })).toMatchObject({ status: 200 });
    const userName = ann.userName;
    for (const [path, body] of [
      ['/assign', { userName }],
      [
        '/change',
        { userName, newUserName: 'ann.li@example.com', familyName: 'Li', roles: { workato_role: '' } },
      ],
      ['/unassign', { userName: 'ANN.LI@example.com' }],
      ['/reassign', { userName: 'ann.li@example.com', roles: { workato_role_prod: 'NoAccess' } }],
      ['/login', { userName: 'ann.li@example.com', isForced: true }],
      ['/groups', { displayName: 'Crew', members: ['ann.li@example.com'] }],
      ['/groups/rename', { displayName: 'Crew', newName: 'Team' }],
      ['/groups/members', { displayName: 'Team', remove: ['ann.li@example.com'] }],
      ['/groups/members', { displayName: 'Team', add: ['ann.li@example.com'] }],
      ['/cycle', undefined],
    ] as const) {
      expect(await call('POST', path, body)).toMatchObject({ status: 200 });
    }
    expect(idp.people()).toMatchObject([
      {
        userName: 'ann.li@example.com',
        familyName: 'Li',
        department: 'IT',
        roles: { workato_role_prod: 'NoAccess' },
        isAssigned: true,
      },
    ]);
    expect(await call('GET', '/groups')).toMatchObject({
      body: { groups: [{ displayName: 'Team', members: ['ann.li@example.com'] }] },
    });
    await call('POST', '/groups/delete', { displayName: 'Team' });
    await call('POST', '/delete', { userName: 'ann.li@example.com' });
    expect([idp.people(), idp.groups()]).toEqual([[], []]);
  });

  it('configures provisioning, and never shows the token', async () => {
    const { call } = setUp();
    const body = { isEnabled: true, scimBaseUrl: 'http://127.0.0.1:1/scim/v2/', token: 'secret-token' };
    const settings = { isEnabled: true, scimBaseUrl: 'http://127.0.0.1:1/scim/v2' };
    expect(await call('POST', '/provisioning', body)).toEqual({ status: 200, body: settings });
    expect(await call('GET', '/provisioning')).toEqual({ status: 200, body: settings });
    const about = await call('GET', '/');
    expect(about).toMatchObject({
      body: {
        flavor: 'okta',
        entityId: 'urn:rolecall:sandbox:idp:okta',
        certificate: expect.stringContaining('BEGIN CERTIFICATE'),
        provisioning: settings,
      },
    });
    expect(JSON.stringify(about)).not.toContain('secret-token');
  });

  it.each([
    ['POST', '/assign', undefined, 400, '"userName" is missing.'],
    ['POST', '/assign', [], 400, 'The body must be a JSON object.'],
    ['POST', '/assign', 'x', 400, 'The body must be a JSON object.'],
    ['POST', '/assign', null, 400, 'The body must be a JSON object.'],
    ['POST', '/assign', { userName: 1 }, 400, '"userName" must be a string.'],
    ['POST', '/assign', { userName: 'bob' }, 404, '"bob" is not in the directory. Add the person first.'],
    ['POST', '/assign', { ...ann, roles: 'Admin' }, 400, '"roles" must be an object.'],
    ['POST', '/assign', { ...ann, roles: { workato_role: 1 } }, 400, 'A role must be a string.'],
    [
      'POST',
      '/assign',
      { ...ann, roles: { role: 'Admin' } },
      400,
      '"roles" has workato_role, workato_role_test, workato_role_prod, and no "role".',
    ],
    ['POST', '/people', { ...ann, familyName: ' ' }, 400, 'A person needs a familyName.'],
    ['POST', '/groups', { displayName: 'Crew', members: 'x' }, 400, '"members" must be a list.'],
    ['POST', '/groups', { displayName: 'Crew', members: [1] }, 400, '"members" must be a list of strings.'],
    ['POST', '/groups', { displayName: ' ' }, 400, 'A group needs a displayName.'],
    [
      'POST',
      '/groups/rename',
      { displayName: 'x', newName: 'y' },
      404,
      '"x" is not a group here. Push it first.',
    ],
    ['POST', '/provisioning', { isEnabled: 'yes' }, 400, '"isEnabled" must be true or false.'],
    [
      'POST',
      '/provisioning',
      { scimBaseUrl: 'file:///etc' },
      400,
      '"file:///etc" is not a SCIM base URL. Use a URL such as https://workato.com/scim/v2.',
    ],
    ['GET', '/assign', undefined, 405, 'GET is not for /assign.'],
    ['GET', '/nope', undefined, 404, 'The identity provider has nothing at "/nope".'],
    ['GET', '/__proto__', undefined, 404, 'The identity provider has nothing at "/__proto__".'],
  ])('%s %s %j: %i', async (method, path, body, status, error) => {
    expect(await setUp().call(method, path, body)).toEqual({ status, body: { ok: false, error } });
  });

  it('keeps names apart', async () => {
    const { idp, call } = setUp();
    idp.addPerson(ann);
    idp.addPerson({ ...ann, userName: 'bob@example.com' });
    const taken = { status: 409 };
    expect(await call('POST', '/people', { ...ann, userName: 'ANN@example.com' })).toMatchObject(taken);
    expect(
      await call('POST', '/change', { userName: 'bob@example.com', newUserName: 'ann@example.com' }),
    ).toMatchObject(taken);
    expect(
      await call('POST', '/change', { userName: 'ann@example.com', newUserName: 'Ann@example.com' }),
    ).toMatchObject({ status: 200 });
    await call('POST', '/groups', { displayName: 'A' });
    await call('POST', '/groups', { displayName: 'B' });
    expect(await call('POST', '/groups/rename', { displayName: 'B', newName: 'a' })).toMatchObject(taken);
    expect(() => idp.addPerson(ann)).toThrow(IdpError);
  });
});
