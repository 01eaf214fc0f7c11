import { afterEach, describe, expect, it } from 'vitest';
import {
  createIdp,
  createSigningKey,
  flavorNames,
  type Idp,
  type IdpOptions,
} from '../../../../sandbox/idp/index.ts';
import {
  SamlError,
  type SamlLogin,
  verifySamlResponse,
} from '../../../../sandbox/saml/verify-saml-response.ts';
import { type Recorder, startRecorder } from './start-recorder.ts';

const signingKey = createSigningKey('For these tests');
const audience = 'urn:example:workspace';
const open: Recorder[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A service that checks logins, and answers with what it read. */
async function setUp(options: Partial<IdpOptions> = {}): Promise<{ idp: Idp; logins: SamlLogin[] }> {
  const logins: SamlLogin[] = [];
  const seen = new Set<string>();
  const service: Recorder = await startRecorder(async ({ url, headers, body }) => {
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    try {
      const login = await verifySamlResponse(new URLSearchParams(String(body)).get('SAMLResponse') ?? '', {
        idpCertificate: idp.certificate,
        idpEntityId: idp.entityId,
        audience,
        acsUrl: service.origin + url,
        now: new Date(),
        isReplayed: (id) => seen.has(id) || !seen.add(id),
      });
      logins.push(login);
      return { status: 302, headers: { location: '/' } };
    } catch (error) {
      return { status: 403, body: error instanceof SamlError ? error.message : 'unexpected' };
    }
  });
  open.push(service);
  const idp = createIdp({
    flavor: 'okta',
    isProvisioning: false,
    signingKey,
    login: { acsUrl: `${service.origin}/saml/acs`, audience },
    ...options,
  });
  idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
  await idp.assign('ann@example.com', { workato_role: 'Admin', workato_role_prod: 'NoAccess' });
  return { idp, logins };
}

describe.each(flavorNames)('%s', (flavor) => {
  it('signs a login that a service provider accepts, with Workato’s attributes', async () => {
    const { idp, logins } = await setUp({ flavor });
    await idp.pushGroup('Crew', ['ann@example.com']);
    await idp.pushGroup('R&D', ['ann@example.com']);
    await idp.pushGroup('Others');
    const result = await idp.login('ANN@example.com');
    expect(result).toMatchObject({ ok: true, status: 302 });
    expect(logins).toMatchObject([
      {
        nameId: 'ann@example.com',
        attributes: {
          workato_email: ['ann@example.com'],
          workato_full_name: ['Ann Lee'],
          workato_role: ['Admin'],
          workato_role_prod: ['NoAccess'],
          workato_user_groups: ['Crew', 'R&D'],
        },
      },
    ]);
    expect(logins[0]?.attributes).not.toHaveProperty('workato_role_test');
  });

  it('omits the groups of a user without groups', async () => {
    const { idp, logins } = await setUp({ flavor });
    await idp.login('ann@example.com');
    expect(Object.keys(logins[0]?.attributes ?? {})).not.toContain('workato_user_groups');
  });

  it('rejects a person without an assignment, unless the login is forced', async () => {
    const { idp, logins } = await setUp({ flavor });
    await idp.unassign('ann@example.com');
    const refused = await idp.login('ann@example.com');
    expect(refused).toEqual({
      ok: false,
      error: expect.stringMatching(/the application is not assigned\.$/),
    });
    expect(logins).toEqual([]);
    expect(await idp.login('ann@example.com', { isForced: true })).toMatchObject({ ok: true });
    expect(logins).toHaveLength(1);
  });
});

it('each login has an assertion of its own, so that none is a replay', async () => {
  const { idp, logins } = await setUp();
  await idp.login('ann@example.com');
  await idp.login('ann@example.com');
  expect(new Set(logins.map(({ assertionId }) => assertionId)).size).toBe(2);
});

it('returns the error of the service for a rejected login', async () => {
  const { idp } = await setUp();
  idp.setLogin({ acsUrl: `${open[0]?.origin}/saml/acs`, audience: 'urn:example:elsewhere' });
  const result = await idp.login('ann@example.com');
  expect(result).toMatchObject({ ok: false, status: 403 });
  expect(result.error).toMatch(/^The service refused the login \(403\)\. The assertion is meant for/);
});

it('sends no roles by SAML when SCIM carries them', async () => {
  const { idp, logins } = await setUp({ rolesBy: 'scim' });
  await idp.login('ann@example.com');
  expect(Object.keys(logins[0]?.attributes ?? {})).toEqual(['workato_email', 'workato_full_name']);
});

it('sends no roles by SCIM when SAML carries them', async () => {
  const { idp } = await setUp({ rolesBy: 'saml' });
  const service = await startRecorder(({ method }) =>
    method === 'POST' ? { status: 201, body: { id: 'u-1' } } : { status: 200, body: { Resources: [] } },
  );
  open.push(service);
  idp.setProvisioning({ isEnabled: true, scimBaseUrl: service.origin, token: 't' });
  await idp.runCycle();
  expect(service.recorded.map(({ method }) => method)).toEqual(['GET', 'POST']);
  expect(JSON.stringify(service.recorded)).not.toContain('workato');
});

it('requires a reachable login URL', async () => {
  const idp = createIdp({ flavor: 'okta', signingKey, isProvisioning: false });
  idp.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
  await idp.assign('ann@example.com');
  expect((await idp.login('ann@example.com')).error).toMatch(/no ACS URL and audience/);
  const gone = await startRecorder(() => undefined);
  await gone.close();
  idp.setLogin({ acsUrl: `${gone.origin}/acs`, audience });
  expect((await idp.login('ann@example.com')).error).toMatch(/cannot be reached \(ECONNREFUSED\)/);
  await expect(idp.login('nobody@example.com')).rejects.toThrow(
    '"nobody@example.com" is not in the directory',
  );
});

it('generates a signing key if none is given', () => {
  const [one, other] = [createIdp({ flavor: 'okta' }), createIdp({ flavor: 'okta' })];
  expect(one.certificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect(one.certificate).toBe(one.certificate);
  expect(one.certificate).not.toBe(other.certificate);
});
