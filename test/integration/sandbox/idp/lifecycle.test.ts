import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdp, flavorNames, type Idp, type IdpResult } from '../../../../sandbox/idp/index.ts';
import { type Sandbox, startSandbox } from '../../../../sandbox/index.ts';
import { expectedRequests, type Operation } from './expected-requests.ts';
import { type Recorder, startRecordingProxy } from './start-recorder.ts';

const role = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const roles = { workato_role: 'Operator', workato_role_test: 'Operator', workato_role_prod: 'NoAccess' };

describe.each(flavorNames)('%s', (flavor) => {
  let sandbox: Sandbox;
  let proxy: Recorder;
  let idp: Idp;
  const names = new Map<string, string>();

  beforeAll(async () => {
    sandbox = await startSandbox();
    const service = new URL(sandbox.scimBaseUrl);
    proxy = await startRecordingProxy(service.origin);
    const scimBaseUrl = proxy.origin + service.pathname;
    idp = createIdp({ flavor, target: { scimBaseUrl, token: sandbox.token } });
    idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee', department: 'IT' });
    idp.addPerson({ userName: 'bob@example.com', givenName: 'Bob', familyName: 'Ray' });
  });
  afterAll(async () => {
    await proxy.close();
    await sandbox.close();
  });

  /** Does an operation, and compares what came over the wire. */
  async function run(operation: Operation, work: () => Promise<IdpResult>): Promise<IdpResult> {
    proxy.recorded.length = 0;
    const result = await work();
    expect(result.error).toBeUndefined();
    expect(result.ok).toBe(true);
    for (const { id, scimId, userName } of idp.people()) remember(userName.slice(0, 3), id, scimId);
    for (const { id, scimId } of idp.groups()) remember('crew', id, scimId);
    const { pathname } = new URL(sandbox.scimBaseUrl);
    const sent = proxy.recorded.map(({ method, url, body }) => {
      const line = `${method} ${url.slice(pathname.length)}`;
      return named(body === undefined ? [line] : [line, body]);
    });
    expect(sent).toEqual(expectedRequests[flavor][operation]);
    // What the result tells is what was on the wire.
    expect(result.exchanges.map(({ method, path, body }) => [method, path, body])).toEqual(
      proxy.recorded.map(({ method, url, body }) => [method, url.slice(pathname.length), body]),
    );
    return result;
  }

  function remember(name: string, id: string, scimId: string | undefined): void {
    names.set(id, `$${name}`);
    if (scimId !== undefined) names.set(scimId, `$${name.toUpperCase()}`);
  }

  /** The IDs under their names, and what depends on the service's clock under `$meta`. */
  function named(value: object): unknown {
    let text = JSON.stringify(value, (key, member) => {
      if (key === 'meta' && 'created' in member) return '$meta';
      return key === '$ref' && typeof member === 'string' ? member.split('/').at(-1) : member;
    });
    for (const [id, name] of names) text = text.replaceAll(id, name);
    return JSON.parse(text);
  }

  async function read(path: string): Promise<Record<string, unknown>> {
    const headers = { authorization: `Bearer ${sandbox.token}` };
    return (await (await fetch(sandbox.scimBaseUrl + path, { headers })).json()) as Record<string, unknown>;
  }

  async function readUser(name: string): Promise<Record<string, unknown> | undefined> {
    const found = await read(`/Users?filter=${encodeURIComponent(`userName eq "${name}@example.com"`)}`);
    expect(Number(found.totalResults)).toBeLessThanOrEqual(1);
    return (found.Resources as Record<string, unknown>[])[0];
  }

  async function readMembers(displayName: string): Promise<unknown> {
    const found = await read(`/Groups?filter=${encodeURIComponent(`displayName eq "${displayName}"`)}`);
    expect(found.totalResults).toBe(1);
    const [group] = found.Resources as { members?: { value: string }[] }[];
    return (group?.members ?? []).map(({ value }) => names.get(value));
  }

  it('looks an assigned person up, and creates them with their roles', async () => {
    await run('assign', () =>
      idp.assign('ann@example.com', { workato_role: 'Admin', workato_role_test: 'Operator' }),
    );
    expect(await readUser('ann')).toMatchObject({
      active: true,
      name: { givenName: 'Ann', familyName: 'Lee' },
      emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
      [role]: { workato_role: 'Admin', workato_role_test: 'Operator' },
      ...(flavor !== 'onelogin' && { [enterprise]: { department: 'IT' } }),
    });
    await run('assignWithoutRoles', () => idp.assign('bob@example.com'));
    expect(await readUser('bob')).toMatchObject({ active: true, name: { familyName: 'Ray' } });
  });

  it('changes attributes and roles', async () => {
    await run('change', () =>
      idp.change('ann@example.com', {
        familyName: 'Li',
        email: 'ann.li@example.com',
        roles: { workato_role: 'Operator', workato_role_prod: 'NoAccess' },
      }),
    );
    expect(await readUser('ann')).toMatchObject({
      name: { givenName: 'Ann', familyName: 'Li' },
      emails: [{ value: 'ann.li@example.com' }],
      [role]: roles,
    });
    await run('changeNothing', () => idp.change('ann@example.com', { familyName: 'Li' }));
  });

  it('pushes a group, changes its members, and renames it', async () => {
    await run('pushGroup', () => idp.pushGroup('Crew', ['ann@example.com']));
    expect(await readMembers('Crew')).toEqual(['$ANN']);
    await run('changeMembers', () =>
      idp.changeMembers('Crew', { add: ['bob@example.com'], remove: ['ann@example.com'] }),
    );
    expect(await readMembers('Crew')).toEqual(['$BOB']);
    await run('renameGroup', () => idp.renameGroup('Crew', 'Team'));
    expect(await readMembers('Team')).toEqual(['$BOB']);
  });

  it('deactivates an unassigned person, and reactivates them with their roles', async () => {
    await run('unassign', () => idp.unassign('ann@example.com'));
    expect(await readUser('ann')).toMatchObject({ active: false });
    await run('reassign', () => idp.assign('ann@example.com'));
    expect(await readUser('ann')).toMatchObject({ active: true, [role]: roles });
    expect(await idp.unassign('ann@example.com')).toMatchObject({ ok: true });
    // Who is unassigned is not pushed any more.
    expect(await idp.change('ann@example.com', { givenName: 'Anna' })).toEqual({ ok: true, exchanges: [] });
    expect(await idp.unassign('ann@example.com')).toEqual({ ok: true, exchanges: [] });
  });

  it('removes a person and a group', async () => {
    await run('remove', () => idp.remove('bob@example.com'));
    const bob = await readUser('bob');
    if (flavor.startsWith('entra')) expect(bob).toBeUndefined();
    else expect(bob).toMatchObject({ active: false });
    expect(await readMembers('Team')).toEqual([]);
    await run('removeGroup', () => idp.removeGroup('Team'));
    expect(await read('/Groups')).toMatchObject({ totalResults: 0 });
    expect(idp.groups()).toEqual([]);
    expect(idp.people().map(({ userName }) => userName)).toEqual(['ann@example.com']);
    expect(await idp.runCycle()).toEqual({ ok: true, exchanges: [] });
  });

  it('links existing users, and updates them', async () => {
    const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/scim+json' };
    const answer = await fetch(`${sandbox.scimBaseUrl}/Users`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        userName: 'Cid@Example.com',
        name: { givenName: 'Sid', familyName: 'Old' },
        emails: [{ value: 'cid@example.com', type: 'work' }],
        active: false,
      }),
    });
    expect(answer.status).toBe(201);
    const { id } = (await answer.json()) as { id: string };
    idp.addPerson({ userName: 'cid@example.com', givenName: 'Cid', familyName: 'New' });
    const result = await idp.assign('cid@example.com', { workato_role: 'Admin' });
    expect(result.ok).toBe(true);
    expect(result.exchanges.some(({ method }) => method === 'POST')).toBe(false);
    expect(idp.people().find(({ userName }) => userName === 'cid@example.com')?.scimId).toBe(id);
    expect(await read(`/Users/${id}`)).toMatchObject({
      active: true,
      name: { givenName: 'Cid', familyName: 'New' },
      [role]: { workato_role: 'Admin' },
    });
  });

  it('sends the token, and the headers of the vendor', () => {
    const { recorded } = proxy;
    expect(recorded.length).toBeGreaterThan(0);
    for (const { headers } of recorded) {
      expect(headers.authorization).toBe(`Bearer ${sandbox.token}`);
      const agent = flavor.startsWith('okta') ? 'Okta SCIM Client 1.0.0' : undefined;
      expect(headers['user-agent']).toBe(agent);
    }
  });
});

it('OneLogin changes groups with an empty User-Agent, which is not the same as none', async () => {
  const sandbox = await startSandbox();
  const service = new URL(sandbox.scimBaseUrl);
  const proxy = await startRecordingProxy(service.origin);
  try {
    const target = { scimBaseUrl: proxy.origin + service.pathname, token: sandbox.token };
    const idp = createIdp({ flavor: 'onelogin', target });
    idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
    await idp.assign('ann@example.com');
    expect((await idp.pushGroup('Crew', ['ann@example.com'])).ok).toBe(true);
    expect(proxy.recorded.map(({ method, headers }) => [method, headers['user-agent']])).toEqual([
      ['GET', undefined],
      ['POST', undefined],
      ['GET', undefined],
      ['POST', undefined],
      ['PATCH', ''],
    ]);
  } finally {
    await proxy.close();
    await sandbox.close();
  }
});
