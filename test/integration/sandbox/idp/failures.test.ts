import { afterEach, describe, expect, it } from 'vitest';
import { createIdp, type FlavorName, flavorNames, type Idp } from '../../../../sandbox/idp/index.ts';
import { startSandbox } from '../../../../sandbox/index.ts';
import { type Recorded, type Recorder, type Reply, startRecorder } from './start-recorder.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const empty: Reply = { status: 200, body: { totalResults: 0, Resources: [] } };
const fault = (status: number, detail: string): Reply => ({
  status,
  body: { status: String(status), detail },
});

/** An identity provider before a service that is played. */
async function setUp(
  flavor: FlavorName,
  reply: (recorded: Recorded) => Reply | undefined,
  timeoutInMs?: number,
): Promise<{ idp: Idp; recorder: Recorder }> {
  const recorder = await startRecorder(reply);
  open.push(recorder);
  const idp = createIdp({
    flavor,
    target: { scimBaseUrl: `${recorder.origin}/scim/v2/`, token: 'the-token' },
    ...(timeoutInMs !== undefined && { timeoutInMs }),
  });
  idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
  return { idp, recorder };
}

describe.each(flavorNames)('%s', (flavor) => {
  it('stops at a rejected token, and says where to enter the new one', async () => {
    const { idp, recorder } = await setUp(flavor, () => fault(401, 'The SCIM token is not valid.'));
    const result = await idp.assign('ann@example.com');
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(
      /^The SCIM token was refused \(401: The SCIM token is not valid\.\)\. .* put the new token into the provisioning settings of .+\.$/,
    );
    expect(recorder.recorded).toHaveLength(1);
    expect(result.exchanges).toMatchObject([{ method: 'GET', status: 401, ok: false, error: result.error }]);
    expect(idp.people()).toMatchObject([{ isPending: true, error: result.error }]);
    expect(JSON.stringify([result, idp.people(), idp.provisioning])).not.toContain('the-token');
  });

  it('continues with the new token in the next cycle', async () => {
    const sandbox = await startSandbox();
    open.push(sandbox);
    const idp = createIdp({ flavor, target: { scimBaseUrl: sandbox.scimBaseUrl, token: 'an-old-token' } });
    idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
    expect(await idp.assign('ann@example.com')).toMatchObject({ ok: false, exchanges: [{ status: 401 }] });
    idp.setProvisioning({ token: sandbox.token });
    expect(await idp.runCycle()).toMatchObject({ ok: true });
    expect(idp.people()).toMatchObject([{ isPending: false, scimId: expect.any(String) }]);
    expect(idp.people()[0]).not.toHaveProperty('error');
  });

  it('pushes nothing while provisioning is off, and all of it afterwards', async () => {
    const sandbox = await startSandbox();
    open.push(sandbox);
    const idp = createIdp({ flavor, target: sandbox, isProvisioning: false });
    idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
    const off = { ok: false, error: expect.stringMatching(/^Provisioning is off in /), exchanges: [] };
    expect(await idp.assign('ann@example.com', { workato_role: 'Admin' })).toEqual(off);
    expect(await idp.pushGroup('Crew', ['ann@example.com'])).toEqual(off);
    expect(await idp.change('ann@example.com', { familyName: 'Li' })).toEqual(off);
    expect(await idp.runCycle()).toMatchObject(off);
    const headers = { authorization: `Bearer ${sandbox.token}` };
    const count = async (path: string) =>
      ((await (await fetch(sandbox.scimBaseUrl + path, { headers })).json()) as { totalResults: number })
        .totalResults;
    expect([await count('/Users'), await count('/Groups')]).toEqual([0, 0]);
    expect(idp.setProvisioning({ isEnabled: true })).toEqual({
      isEnabled: true,
      scimBaseUrl: sandbox.scimBaseUrl,
    });
    expect(await idp.runCycle()).toMatchObject({ ok: true });
    expect([await count('/Users?filter=name.familyName%20eq%20%22Li%22'), await count('/Groups')]).toEqual([
      1, 1,
    ]);
    idp.setProvisioning({ isEnabled: false });
    expect(await idp.unassign('ann@example.com')).toEqual(off);
    expect(await count('/Users?filter=active%20eq%20true')).toBe(1);
  });

  it('retries failed people in the next cycle', async () => {
    let isDown = true;
    const { idp, recorder } = await setUp(flavor, ({ method }) => {
      if (isDown && method === 'POST') return fault(500, 'Out of order.');
      return method === 'POST' ? { status: 201, body: { id: 'u-1' } } : empty;
    });
    expect((await idp.assign('ann@example.com')).error).toBe(
      'The service failed (500: Out of order.). Try again later.',
    );
    expect((await idp.runCycle()).ok).toBe(false);
    isDown = false;
    recorder.recorded.length = 0;
    expect((await idp.runCycle()).ok).toBe(true);
    expect(recorder.recorded.map(({ method }) => method)).toEqual(['GET', 'POST']);
    expect((await idp.runCycle()).exchanges).toEqual([]);
    expect(idp.people()).toMatchObject([{ scimId: 'u-1', isPending: false }]);
  });

  it('looks up users that it may have created before it drops them', async () => {
    const created = { id: 'u-1', userName: 'ann@example.com', active: true };
    let isThere = false;
    const { idp, recorder } = await setUp(flavor, ({ method }) => {
      if (method === 'GET')
        return isThere ? { status: 200, body: { ...created, Resources: [created] } } : empty;
      if (method !== 'POST') return { status: 200, body: created };
      isThere = true;
      return { status: 502, body: '<html>Bad gateway</html>' };
    });
    expect((await idp.assign('ann@example.com')).error).toBe('The service failed (502). Try again later.');
    expect((await idp.unassign('ann@example.com')).ok).toBe(true);
    const last = recorder.recorded.at(-1);
    expect(last?.url).toMatch(/\/Users\/u-1\??$/);
    expect(JSON.stringify(last?.body)).toMatch(/"active":false|"path":"active","value":("False"|false)/);
  });

  it('does not mistake another user for the person if a service ignores the filter', async () => {
    const others = { totalResults: 1, Resources: [{ id: 'u-9', userName: 'eve@example.com' }] };
    const { idp } = await setUp(flavor, ({ method }) =>
      method === 'POST' ? { status: 201, body: { id: 'u-1' } } : { status: 200, body: others },
    );
    await idp.assign('ann@example.com');
    expect(idp.people()).toMatchObject([{ scimId: 'u-1' }]);
  });

  it.each<[string, Reply, RegExp]>([
    ['nothing', { status: 201 }, /answered without its id/],
    ['no id', { status: 201, body: { userName: 'ann@example.com' } }, /answered without its id/],
    [
      'a conflict',
      fault(409, 'The userName is taken.'),
      /another resource with this name \(409: The userName is taken/,
    ],
    [
      'a role that is unknown',
      fault(400, 'Unknown role "Boss".'),
      /\(400: Unknown role "Boss"\.\).*try again/,
    ],
    ['no permission', fault(403, 'SCIM is off.'), /\(403: SCIM is off\.\)\. Turn SCIM on/],
    ['a body that is too large', fault(413, 'Too large.'), /fewer members/],
    [
      'a pause',
      { status: 429, headers: { 'retry-after': '7' } },
      /no more requests for now \(429\)\. Try again in 7 s\.$/,
    ],
    [
      'a pause until then',
      { status: 429, headers: { 'retry-after': 'Fri, 1 May 2026' } },
      /Try again after Fri/,
    ],
    ['a pause of no length', { status: 429 }, /Try again later\.$/],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /redirect \(302\)/],
  ])('says what to do when the create is answered with %s', async (_, reply, expected) => {
    const { idp, recorder } = await setUp(flavor, ({ method }) => (method === 'POST' ? reply : empty));
    const result = await idp.assign('ann@example.com');
    expect(result.ok).toBe(false);
    expect(result.error).toMatch(expected);
    expect(result.error).toMatch(/\.$/);
    expect(recorder.recorded).toHaveLength(2);
    expect(idp.people()[0]?.isPending).toBe(true);
  });

  it('times out on a service that does not respond', async () => {
    const { idp } = await setUp(flavor, () => undefined, 50);
    expect((await idp.assign('ann@example.com')).error).toMatch(
      /^The service did not answer within 0\.05 s, and .+ gave up\. Try again later\.$/,
    );
  });

  it('reports an unreachable service, and one that is not SCIM', async () => {
    const gone = await setUp(flavor, () => undefined);
    await gone.recorder.close();
    expect((await gone.idp.assign('ann@example.com')).error).toBe(
      'The service cannot be reached (ECONNREFUSED). Check the base URL, and that the service is running.',
    );
    const page = await setUp(flavor, () => ({ status: 200, body: '<html>Welcome</html>' }));
    expect((await page.idp.assign('ann@example.com')).error).toMatch(/something other than a list/);
  });

  it('runs operations one after another', async () => {
    const sandbox = await startSandbox();
    open.push(sandbox);
    const idp = createIdp({ flavor, target: sandbox });
    idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
    const results = await Promise.all([
      idp.assign('ann@example.com'),
      idp.pushGroup('Crew', ['ann@example.com']),
      idp.assign('ann@example.com', { workato_role: 'Admin' }),
      idp.unassign('ann@example.com'),
      idp.assign('ann@example.com'),
      idp.pushGroup('Crew'),
    ]);
    expect(results.map(({ error }) => error)).toEqual(Array(6).fill(undefined));
    const posts = results.flatMap(({ exchanges }) => exchanges).filter(({ method }) => method === 'POST');
    expect(posts.map(({ path }) => path.replace('?', ''))).toEqual(['/Users', '/Groups']);
  });
});

it('has the timeouts of the vendors', async () => {
  const { flavors } = await import('../../../../sandbox/idp/flavors.ts');
  expect(flavors.okta.timeoutInMs).toBe(60_000);
  expect(flavors['okta-put'].timeoutInMs).toBe(60_000);
});

it('Entra ID creates a user again who was deleted at the service', async () => {
  const sandbox = await startSandbox();
  open.push(sandbox);
  const idp = createIdp({ flavor: 'entra', target: sandbox });
  idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
  await idp.assign('ann@example.com');
  const [{ scimId } = {}] = idp.people();
  const headers = { authorization: `Bearer ${sandbox.token}` };
  await fetch(`${sandbox.scimBaseUrl}/Users/${scimId}`, { method: 'DELETE', headers });
  const result = await idp.change('ann@example.com', { familyName: 'Li' });
  expect(result.exchanges.map(({ method, status }) => `${method} ${status}`)).toEqual([
    'GET 404',
    'GET 200',
    'POST 201',
  ]);
  expect(result.ok).toBe(true);
});

it('Okta reports a user who was deleted at the service', async () => {
  const sandbox = await startSandbox();
  open.push(sandbox);
  const idp = createIdp({ flavor: 'okta', target: sandbox });
  idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
  await idp.assign('ann@example.com');
  const [{ scimId } = {}] = idp.people();
  const headers = { authorization: `Bearer ${sandbox.token}` };
  await fetch(`${sandbox.scimBaseUrl}/Users/${scimId}`, { method: 'DELETE', headers });
  expect((await idp.change('ann@example.com', { familyName: 'Li' })).error).toMatch(
    /does not know this resource \(404/,
  );
});

it('a member joins the pushed group when the application is assigned to them', async () => {
  const sandbox = await startSandbox();
  open.push(sandbox);
  for (const flavor of flavorNames) {
    const idp = createIdp({ flavor, target: sandbox });
    idp.addPerson({ userName: `${flavor}@example.com`, givenName: 'Ann', familyName: 'Lee' });
    await idp.pushGroup(flavor, [`${flavor}@example.com`]);
    const result = await idp.assign(`${flavor}@example.com`);
    expect(result.ok).toBe(true);
    const [{ scimId } = {}] = idp.people();
    const touched = result.exchanges.filter(({ path }) => path.startsWith('/Groups')).at(-1);
    expect(JSON.stringify(touched?.body)).toContain(`"${scimId}"`);
  }
});
