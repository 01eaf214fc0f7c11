import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorParts } from '../../../connector/error-texts.ts';
import type { SourceType } from '../../../connector/manifest/source.zod.ts';
import { eventsHeld, holdIdOf, orderHeld } from '../../../connector/safeguard/hold.ts';
import { lossesOfEvent } from '../../../connector/safeguard/safeguard.ts';
import { weighBatch } from '../../../connector/safeguard/weigh-batch.ts';
import { createConnector } from '../../../runtime/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { fill } from '../../../schemas/fill.ts';
import { createFakePlatform } from '../../support/fake-platform.ts';
import { definition } from '../../support/open-test-session.ts';
import { openPush } from '../../support/webhook/open-source.ts';
import { pushRequest } from '../../support/webhook/push-request.ts';
import {
  audience,
  eventUri,
  type IssuerKey,
  issuer,
  issuerKey,
  keySetOf,
  setClaims,
  signSet,
} from '../../support/webhook/set-issuer.ts';
import { asJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';
import { withEventPills } from './with-event-pills.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

let ruby: RubyConnector;
let key: IssuerKey;
beforeAll(async () => {
  ruby = await startRubyConnector(definition);
  key = await issuerKey('EdDSA');
});
afterAll(() => ruby.close());

/** What came of a message: its events, or why it was rejected, as code and sentence. */
type Reported = readonly unknown[] | string;

interface Message {
  readonly source: SourceType;
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** What both sides are set up with. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the issuer publishes. */
  readonly jwks?: string;
}

async function tellNode({ source, body, headers, settings, jwks = '' }: Message): Promise<Reported> {
  const platform = { ...createFakePlatform(() => ({ body: jwks })), now: Date.now };
  const jwksUrl = 'https://scim.example.com/jwks.json';
  const receiver = openPush(source, platform, { ...settings, ...(jwks !== '' && { jwksUrl }) });
  const received = await receiver.receive(pushRequest({ body, headers }));
  return received.kind === 'accepted'
    ? withEventPills(received.events)
    : `${received.reason.code}: ${received.reason.message}`;
}

async function tellRuby({ source, body, headers, settings, jwks = '' }: Message): Promise<Reported> {
  const { bearerToken, previousBearerToken, ...others } = settings;
  const shown = { bearerToken, previousBearerToken };
  const secrets = Object.fromEntries(
    Object.entries(shown).flatMap(([name, value]) =>
      value === undefined ? [] : [[`${source}_${name}`, value]],
    ),
  );
  const { events, rejected, said } = (await ruby.value({
    do: 'webhook',
    key: 'pushed_event',
    input: { source, ...others, jwks },
    payload: Buffer.from(body).toString('base64'),
    // As Workato writes the names of headers.
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.replace(/(^|-)[a-z]/g, (first) => first.toUpperCase()),
        value,
      ]),
    ),
    settings: { baseUrl: 'https://scim.example.com', token: 't', ...secrets },
  })) as {
    readonly events: readonly { readonly dedupeKey: string }[];
    readonly rejected: string | null;
    readonly said: string;
  };
  // Nothing reads what a connector prints.
  expect(said).toBe('');
  if (rejected !== null) {
    expect(events).toEqual([]);
    return rejected;
  }
  for (const event of events)
    expect(await ruby.value({ do: 'dedup', key: 'pushed_event', event })).toBe(event.dedupeKey);
  return events;
}

/** Both sides get the message: the same comes of it. */
async function tellBoth(message: Message): Promise<Reported> {
  const node = await tellNode(message);
  const reported = await tellRuby(message);
  // Node says also what to do, for its log.
  if (typeof node === 'string' && typeof reported === 'string' && reported !== '')
    expect(node.startsWith(reported), `${node} / ${reported}`).toBe(true);
  else expect(reported).toEqual(node);
  return reported;
}

const setHeaders = { 'content-type': 'application/secevent+jwt' };
const settings = { issuer, audience };

function messageOf(body: string, more: Partial<Message> = {}): Message {
  return {
    source: 'security_event_token',
    body,
    headers: setHeaders,
    settings,
    jwks: keySetOf(key),
    ...more,
  };
}

const now = (): number => Math.floor(Date.now() / 1000);

async function tellSet(
  claims: Readonly<Record<string, unknown>>,
  more: Partial<Message> = {},
  header: Readonly<Record<string, unknown>> = {},
): Promise<Reported> {
  return tellBoth(messageOf(await signSet(key, setClaims({ iat: now(), ...claims }), header), more));
}

const events = (reported: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(reported).map(([name, payload]) => [eventUri(name), payload]));
const patch = (...Operations: readonly unknown[]) => ({ data: { Operations } });

describe('the events of a security event token on Node and on Ruby', () => {
  it.each<[what: string, reported: Readonly<Record<string, unknown>>]>([
    [
      'create, full',
      {
        'prov:create:full': {
          data: {
            schemas: [userUrn],
            USERNAME: 'jdoe',
            active: 'True',
            emails: { value: 'jdoe@example.com', primary: 'true' },
            title: null,
            externalId: 17,
            [roleUrn.toLowerCase()]: { Workato_Role: 'Admin' },
            shoeSize: 43,
          },
        },
      },
    ],
    ['create, notice', { 'prov:create:notice': { attributes: ['userName'] } }],
    ['put, full', { 'prov:put:full': { data: { userName: 'ada', active: false } } }],
    ['put, notice', { 'prov:put:notice': { attributes: ['userName', 'id', `${roleUrn}:workato_role`] } }],
    ['patch, notice', { 'prov:patch:notice': { attributes: ['active', 'Title', 'title'] } }],
    ['patch, notice, which does not say', { 'prov:patch:notice': {} }],
    ['delete', { 'prov:delete': {} }],
    ['activate', { 'prov:activate': {} }],
    ['deactivate', { 'prov:deactivate': {} }],
    ['both', { 'prov:activate': {}, 'prov:deactivate': {} }],
    [
      'deactivate and a patch',
      { 'prov:deactivate': {}, 'prov:patch:full': patch({ op: 'add', path: 'title', value: 'x' }) },
    ],
    [
      'a put and deactivate',
      { 'prov:put:full': { data: { userName: 'ada', title: 'x' } }, 'prov:deactivate': {} },
    ],
    ['in capitals', { 'PROV:DEACTIVATE': {} }],
    ['nothing of a resource', { 'feed:add': {} }],
    ['no such event', { 'prov:purge': {}, 'prov:delete:full': {}, 'prov:create': {} }],
    ['no data', { 'prov:put:full': { data: 'x' } }],
  ])('%s', async (_, reported) => {
    const result = await tellSet({
      sub_id: { format: 'scim', uri: '/Users/u1', externalId: 'x' },
      events: events(reported),
    });
    expect(result).not.toBe('');
  });

  it.each<[what: string, operation: unknown]>([
    ['Okta', { op: 'replace', value: { active: false } }],
    ['Entra ID', { op: 'Replace', path: 'active', value: 'False' }],
    ['an item of one', { op: 'replace', path: 'active', value: [{ value: 'False' }] }],
    ['the URI of the schema', { op: 'replace', path: `${userUrn}:active`, value: false }],
    ['the schema as a key', { op: 'replace', value: { [userUrn]: { active: false } } }],
    ['an invalid word', { op: 'replace', path: 'active', value: 'maybe' }],
    ['one that was removed', { op: 'Remove', path: 'TITLE' }],
    ['one that was set to null', { op: 'replace', path: 'title', value: null }],
    ['a part in a key', { op: 'replace', value: { 'Name.GivenName': 'Ada' } }],
    ['parts', { op: 'replace', path: 'name', value: { givenName: 'Ada', familyname: 'Byron' } }],
    ['one that is picked', { op: 'Add', path: 'emails[type eq "work"].value', value: 'ada@example.com' }],
    ['one that is picked, without quotes', { op: 'Add', path: 'emails[type EQ work].value', value: 'a@b.c' }],
    [
      'one of two conditions',
      { op: 'remove', path: 'emails[type eq "work" and primary eq TRUE or value pr]' },
    ],
    ['an item that came', { op: 'add', path: 'roles', value: { value: 'admin', primary: 'True' } }],
    ['an item that came as text', { op: 'add', path: 'roles', value: ['admin'] }],
    ['an item without a value', { op: 'add', path: 'addresses', value: { locality: 'Ulm' } }],
    ['items that went', { op: 'Remove', path: 'roles', value: [{ value: 'admin' }] }],
    ['a whole list', { op: 'replace', path: 'emails', value: [{ value: 'a@example.com', primary: 'true' }] }],
    ['a list that was emptied', { op: 'replace', path: 'roles', value: [] }],
    [
      'the extension in small letters',
      { op: 'replace', path: `${roleUrn.toLowerCase()}:WORKATO_ROLE`, value: 'Admin' },
    ],
    [
      'the extension as an object',
      { op: 'Add', value: { [roleUrn]: { workato_role: 'Admin', workato_role_test: null } } },
    ],
    ['a role without the extension', { op: 'replace', path: 'workato_role', value: 'Admin' }],
    ['a part of an extension', { op: 'add', path: 'manager.value', value: 7 }],
    ['what no schema knows', { op: 'replace', path: 'shoeSize', value: 43 }],
    ['an extension that no schema knows', { op: 'replace', path: 'urn:acme:2.0:User:badge', value: 'x' }],
    ['an invalid path', { op: 'replace', path: 'a b[', value: 1 }],
    ['the record itself', { op: 'replace', value: { id: 'u1', schemas: [], meta: {} } }],
    ['no operation that is known', { op: 'rename', path: 'title', value: 'x' }],
    ['no object', 'replace'],
    ['no path, and no object', { op: 'replace', value: 'x' }],
  ])('equal each other for a PATCH: %s', async (_, operation) => {
    const reported = events({
      'prov:patch:full': patch(operation, { op: 'add', path: 'nickName', value: 'n' }),
    });
    expect(await tellSet({ events: reported })).toBeInstanceOf(Array);
  });

  it.each<[what: string, subject: unknown]>([
    ['an absolute address', { format: 'scim', uri: 'https://scim.example.com/v2/Users/u%201?x=1' }],
    ['a group', { format: 'scim', uri: '/groups/g1', displayName: 'Crew' }],
    ['a damaged escape', { format: 'scim', uri: '/Users/u%1' }],
    ['no kind', { format: 'scim', uri: 'u1' }],
    ['another kind', { format: 'scim', uri: '/Devices/d1' }],
    [
      'aliases',
      {
        format: 'aliases',
        identifiers: [
          { format: 'email', email: 'x' },
          { format: 'uri', uri: '/Users/u2' },
        ],
      },
    ],
    ['an account', { format: 'account', uri: '/Users/u2' }],
    ['nothing', null],
  ])('equal each other for the subject: %s', async (_, sub_id) => {
    expect(await tellSet({ sub_id })).not.toBe('');
  });

  it('equal each other for an opaque subject whose type is in the data', async () => {
    const data = { schemas: [userUrn], userName: 'ada' };
    const reported = await tellSet({
      sub_id: { format: 'opaque', id: 'u9' },
      events: events({ 'prov:create:full': { data } }),
    });
    expect(reported).toMatchObject([{ type: 'create', subject: { id: 'u9', userName: 'ada' } }]);
  });

  it('equal each other for a PUT that deactivates by setting', async () => {
    const reported = events({ 'prov:put:full': { data: { userName: 'ada', active: false } } });
    expect(
      await tellSet(
        { events: reported },
        { settings: { ...settings, treatInactivePutAsDeactivation: true } },
      ),
    ).toMatchObject([{ type: 'deactivate' }, { type: 'put' }]);
  });

  it('have the same time', async () => {
    expect(await tellSet({ iat: now() + 0.5, toe: now() - 5.25 })).toBeInstanceOf(Array);
    expect(await tellSet({ toe: now() + 1000 })).toBeInstanceOf(Array);
  });
});

describe('the sender of a security event token on Node and on Ruby', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    '%s',
    async (alg) => {
      const own = await issuerKey(alg);
      const token = await signSet(own, setClaims({ iat: now() }));
      expect(await tellBoth(messageOf(token, { jwks: keySetOf(key, own) }))).toMatchObject([
        { type: 'deactivate' },
      ]);
      const damaged = `${token.slice(0, -6)}${token.slice(-6) === 'AAAAAA' ? 'BBBBBA' : 'AAAAAA'}`;
      expect(await tellBoth(messageOf(damaged, { jwks: keySetOf(key, own) }))).toMatch(
        /^(auth|invalid_input): /,
      );
    },
  );

  it('is unsupported, rather than wrong, where Ruby has no EdDSA', async () => {
    const old = await startRubyConnector(definition);
    await old.value({ do: 'without_edwards_keys' });
    const token = await signSet(key, setClaims({ iat: now() }));
    const { source, settings, jwks } = messageOf(token, { jwks: keySetOf(key) });
    const message = { source, ...settings, jwks };

    expect(
      await old.value({
        do: 'webhook',
        key: 'pushed_event',
        input: message,
        payload: Buffer.from(token).toString('base64'),
        settings: { baseUrl: 'http://127.0.0.1:9', token: 't' },
      }),
    ).toMatchObject({ events: [], rejected: expect.stringMatching(/^unsupported: .+EdDSA.+\.$/) });
    await old.close();
  });

  it.each<[what: string, claims: object, header: object, refused: RegExp]>([
    ['another issuer', { iss: 'https://evil.example.com' }, {}, /^auth: The "iss"/],
    ['another audience', { aud: 'https://evil.example.com' }, {}, /^auth: The "aud"/],
    ['no audience', { aud: undefined }, {}, /^auth: The "aud"/],
    ['too old', { iat: 1_000 }, {}, /too old/],
    ['in the future', { iat: 9_999_999_999 }, {}, /future/],
    ['no time', { iat: 'now' }, {}, /no "iat"/],
    ['expired', { exp: 1_000 }, {}, /expired/],
    ['not yet', { nbf: 9_999_999_999 }, {}, /not valid yet/],
    ['no jti', { jti: '' }, {}, /no "jti"/],
    ['no events', { events: {} }, {}, /no "events"/],
    ['another type', {}, { typ: 'at+jwt' }, /type other than/],
    ['critical parameters', {}, { crit: ['urn:example:strict'], 'urn:example:strict': 1 }, /critical/],
    ['another key', {}, { kid: 'key-2' }, /^auth: The issuer has not published a key/],
  ])('%s', async (_, claims, header, refused) => {
    expect(await tellSet(claims as Record<string, unknown>, {}, header as Record<string, unknown>)).toMatch(
      refused,
    );
  });

  it.each<[what: string, body: string]>([
    ['nothing', ''],
    ['no token', '{"sub":"x"}'],
    ['two parts', 'a.b'],
    ['four parts', 'a.b.c.d'],
    ['no signature: "none"', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
    ['a shared secret', `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.e30.AAAA`],
    ['padding', `${Buffer.from('{"alg":"ES256"}').toString('base64')}.e30.AAAA`],
    ['a header that is no object', `${Buffer.from('[1]').toString('base64url')}.e30.AAAA`],
    ['too much', 'a'.repeat(2 * 1024 * 1024 + 1)],
  ])('is rejected with a body with %s', async (_, body) => {
    const reported = await tellBoth(messageOf(body));
    expect(reported).toMatch(/^(auth|invalid_input): /);
  });

  it('has the same key when a message is replayed, and another one for another message', async () => {
    const keysOf = async (jti: string) => {
      const reported = await tellSet({ jti });
      expect(reported).toBeInstanceOf(Array);
      return (reported as readonly { readonly dedupeKey: string }[]).map(({ dedupeKey }) => dedupeKey);
    };
    const keys = await keysOf('one');
    expect(keys).toHaveLength(1);
    expect(await keysOf('one')).toEqual(keys);
    expect(await keysOf('two')).not.toEqual(keys);
  });

  it('is accepted with the old and the new key while the issuer rotates them, and then only with the new one', async () => {
    const next = await issuerKey('ES256');
    const old = await signSet(key, setClaims({ iat: now() }));
    const recent = await signSet(next, setClaims({ iat: now() }));
    for (const token of [old, recent])
      expect(await tellBoth(messageOf(token, { jwks: keySetOf(key, next) }))).toHaveLength(1);
    expect(await tellBoth(messageOf(recent, { jwks: keySetOf(next) }))).toHaveLength(1);
    expect(await tellBoth(messageOf(old, { jwks: keySetOf(next) }))).toMatch(
      /^auth: The issuer has not published a key/,
    );
  });

  it('is rejected if it is older than the trigger allows', async () => {
    const issued = { iat: now() - 7_200 };
    const aged = (maxAgeInSeconds: number) => ({ settings: { ...settings, maxAgeInSeconds } });
    expect(await tellSet(issued, aged(3_600))).toMatch(/^invalid_input: .*too old/);
    expect(await tellSet(issued, aged(86_400))).toHaveLength(1);
  });

  it('needs the configured bearer token', async () => {
    const agreed = { settings: { ...settings, bearerToken: 'agreed' } };
    expect(await tellSet({}, agreed)).toBe('auth: The "Authorization" header is missing.');
    const show = (authorization: string) => ({ ...agreed, headers: { ...setHeaders, authorization } });
    expect(await tellSet({}, show('Bearer other'))).toBe('auth: The "Authorization" header is incorrect.');
    expect(await tellSet({}, show('agreed'))).toBe('auth: The "Authorization" header is incorrect.');
    expect(await tellSet({}, show('bearer agreed'))).toHaveLength(1);
  });

  it.each(['\n', '.', '=', ' ', 'A'])('is rejected with %j at the end of the token', async (end) => {
    const token = await signSet(key, setClaims({ iat: now() }));
    expect(await tellBoth(messageOf(`${token}${end}`))).toMatch(/^(auth|invalid_input): /);
  });

  it('is rejected with a key of another type and the same ID', async () => {
    const own = await issuerKey('RS256');
    const token = await signSet(own, setClaims({ iat: now() }));
    expect(await tellBoth(messageOf(token))).toMatch(/^auth: The issuer has not published a key/);
  });

  it('is rejected with another media type', async () => {
    expect(await tellSet({}, { headers: { 'content-type': 'application/json' } })).toBe(
      'invalid_input: The "Content-Type" is not application/secevent+jwt.',
    );
  });
});

describe('the audit log', () => {
  const bearerToken = 'the-token-of-the-stream';
  const entry = (event: string, details: unknown = {}, more: object = {}): object => ({
    id: '1f/3a%9b',
    content: {
      attributes: {
        event,
        resource: {
          id: 1718,
          name: 'Crew',
          member: { id: 1719, name: 'Ada Lovelace', email: 'ada@example.com' },
        },
        details,
        team: { id: 4711 },
        timestamp: '2025-12-31T12:34:56.789Z',
        ...more,
      },
    },
  });
  const tell = (message: unknown, more: Partial<Message> = {}): Promise<Reported> =>
    tellBoth({
      source: 'workato_audit_log',
      body: typeof message === 'string' ? message : JSON.stringify(message),
      headers: { authorization: bearerToken },
      settings: { bearerToken },
      ...more,
    });

  it.each<[what: string, message: unknown]>([
    [
      'a user came',
      entry('team_invitation_accept', {
        source: 'scim_auto_sync',
        before: {},
        after: { userName: 'ada', workato_role: 'Admin', groups: ['Crew'] },
      }),
    ],
    ['a user came, and nothing is reported', entry('team_invitation_accept')],
    [
      'a user accepted an invitation, as Workato documents it',
      entry('team_invitation_accept', {
        resource: { type: 'MemberInvitation', id: 847, name: 'Alice Jackson', email: 'alice@example.com' },
        user: { id: 6464, name: 'Alice', email: 'alice@example.com' },
        timestamp: '2020-05-04 18:53:16 UTC',
      }),
    ],
    [
      'a user went',
      entry('team_membership_deleted', { before: { userName: 'ada', removed: true }, after: {} }),
    ],
    [
      'a user was suspended',
      entry('team_membership_suspended', { before: { active: true, title: 'x' }, after: { active: false } }),
    ],
    [
      'a user went, in a list with entries that cannot be read',
      [null, {}, entry('team_membership_deleted', {}), { id: '1', content: {} }],
    ],
    ['a user was restored, and nothing is reported', entry('team_membership_restored', 'none')],
    [
      'a role changed',
      entry('team_membership_role_updated', {
        before: { [roleUrn]: { workato_role: 'Admin' } },
        after: { workato_role: 'Analyst' },
      }),
    ],
    [
      'something changed',
      entry('team_membership_updated', {
        before: { name: { givenName: 'A', familyName: 'B' }, active: true },
        after: { name: { givenName: 'C', familyName: 'B' }, active: false },
      }),
    ],
    ['nothing changed', entry('team_membership_updated', { before: { title: 'x' }, after: { title: 'x' } })],
    [
      'a group came',
      entry('user_group_created', { after: { displayName: 'Crew', members: [{ value: 'a' }, 'x'] } }),
    ],
    [
      'members changed',
      entry('user_group_updated', {
        before: { members: [{ value: 'a' }, { value: 'b' }] },
        after: { members: [{ value: 'b', display: 'B' }, { value: 'c' }] },
      }),
    ],
    ['a group went', entry('user_group_deleted', { before: { displayName: 'Crew' } })],
    ['several', [entry('team_membership_deleted'), entry('user_login'), entry('team_membership_suspended')]],
    ['what is about nobody', entry('team_membership_deleted', {}, { resource: {} })],
    [
      'a grant without its member',
      entry('team_membership_deleted', {}, { resource: { type: 'ManagedUserGrant', id: 5 } }),
    ],
    ['another resource', entry('team_membership_deleted', {}, { resource: { type: 'Recipe', id: 1719 } })],
    ['the user as resource', entry('team_membership_deleted', {}, { resource: { type: 'User', id: 1719 } })],
    ['another event', entry('user_login')],
    ['a time in seconds', entry('team_membership_deleted', {}, { timestamp: 1588618396 })],
    ['a time in milliseconds', entry('team_membership_deleted', {}, { timestamp: 1588618396123 })],
    [
      'a time with an offset',
      entry('team_membership_deleted', {}, { timestamp: '2020-05-04 11:53:16 -0700' }),
    ],
    ['another time', entry('user_group_deleted', {}, { timestamp: '2020-05-06 04:21:48.649164' })],
    ['nothing in it', '{}'],
    ['no JSON', '{'],
    ['too many levels', `${'['.repeat(70)}${']'.repeat(70)}`],
  ])('%s', async (_, message) => {
    expect(await tell(message)).not.toBe('');
  });

  it.each<[authorization: string, isTaken: boolean]>([
    [`Bearer ${bearerToken}`, true],
    [`bearer  ${bearerToken}`, true],
    ['the-token-before', true],
    ['Bearer x', false],
    ['Bearer ', false],
    ['', false],
    [bearerToken.slice(1), false],
  ])('with "%s"', async (authorization, isTaken) => {
    const reported = await tell(entry('team_membership_deleted'), {
      headers: { authorization },
      settings: { bearerToken, previousBearerToken: 'the-token-before' },
    });
    expect(Array.isArray(reported)).toBe(isTaken);
    expect(JSON.stringify(reported)).not.toContain(bearerToken);
  });

  it('is rejected while the connection has no token', async () => {
    const body = JSON.stringify(entry('team_membership_deleted'));
    const message: Message = {
      source: 'workato_audit_log',
      body,
      headers: { authorization: '' },
      settings: {},
    };
    for (const headers of [{}, { authorization: '' }, { authorization: 'Bearer ' }])
      expect(await tellRuby({ ...message, headers })).toBe(
        'auth: The connection has no token for this event source.',
      );
  });
});

it('maps every event that the sandbox pushes as Node does', async () => {
  const eventPollToken = 'poll';
  const sandbox = await startSandbox({ eventPolling: true, eventPollToken });
  const world = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  try {
    const user = (await world.run('create_user', { userName: 'ada@example.com', workato_role: 'Admin' })) as {
      id: string;
    };
    const group = (await world.run('create_group', { displayName: 'Crew' })) as { id: string };
    await world.run('add_group_members', { group: { id: group.id }, members: [{ id: user.id }] });
    await world.run('update_user', { user: { id: user.id }, name: { givenName: 'Ada' }, title: 'Lead' });
    await world.run('set_workato_role', { user: { id: user.id }, role: 'Analyst' });
    await world.run('deactivate_user', { user: { id: user.id } });
    await world.run('reactivate_user', { user: { id: user.id } });
    await world.run('delete_group', { group: { id: group.id } });
    await world.run('delete_user', { user: { id: user.id } });

    const ask = async (url: string, token: string, body?: object): Promise<Record<string, unknown>> => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      return (await (await fetch(url, { headers, ...init })).json()) as Record<string, unknown>;
    };
    const jwks = await (await fetch(sandbox.jwksUrl)).text();
    const { sets } = await ask(sandbox.eventPollUrl, eventPollToken, { returnImmediately: true });
    const tokens = Object.values(sets as Record<string, string>);
    expect(tokens.length).toBeGreaterThan(6);
    const own = { issuer: sandbox.eventsIssuer, audience: sandbox.eventsAudience };
    for (const token of tokens)
      expect(await tellBoth(messageOf(token, { settings: own, jwks }))).toBeInstanceOf(Array);

    const { data } = await ask(`${sandbox.adminUrl}/audit-log`, sandbox.adminToken);
    const entries = data as readonly object[];
    expect(entries.length).toBeGreaterThan(6);
    for (const one of entries)
      expect(
        await tellBoth({
          source: 'workato_audit_log',
          body: JSON.stringify(one),
          headers: { authorization: 'Bearer s' },
          settings: { bearerToken: 's' },
        }),
      ).toBeInstanceOf(Array);
  } finally {
    world.close();
    await sandbox.close();
  }
});

describe('a message that takes too much away', () => {
  const token = 'token-of-the-stream';
  const deletions = (count: number) =>
    JSON.stringify(
      Array.from({ length: count }, (_, nth) => ({
        id: `entry-${nth}`,
        content: {
          timestamp: '2026-05-13T08:00:00Z',
          attributes: {
            event: 'team_membership_deleted',
            resource: {
              type: 'ManagedUserGrant',
              member: { id: nth, name: 'User', email: `user-${nth}@example.com` },
            },
          },
        },
      })),
    );

  /** The error of the trigger, or the number of its events. */
  async function outcomeOf(message: {
    readonly input: object;
    readonly payload: string;
    readonly headers: object;
    readonly settings: object;
  }): Promise<string | number> {
    const settings = { baseUrl: 'https://scim.example.com', token: 't', ...message.settings };
    const { events, raised } = (await ruby.value({
      do: 'webhook',
      key: 'pushed_event',
      ...message,
      settings,
    })) as { readonly events: readonly unknown[] | null; readonly raised: string | null };
    return raised ?? events?.length ?? 0;
  }

  async function push(body: string, input: Readonly<Record<string, unknown>> = {}): Promise<string | number> {
    return outcomeOf({
      input: { source: 'workato_audit_log', ...input },
      payload: Buffer.from(body).toString('base64'),
      headers: { Authorization: token },
      settings: { workato_audit_log_bearerToken: token },
    });
  }

  it('is an error that names whom, with the same sentences as on Node', async () => {
    expect(await push(deletions(10))).toBe(10);
    const body = deletions(11);
    const message = await push(body);
    const platform = createFakePlatform(() => ({ body: '' }));
    const receiver = openPush('workato_audit_log', platform, { bearerToken: token });
    const received = await receiver.receive(pushRequest({ body, headers: { authorization: token } }));
    if (received.kind !== 'accepted') expect.fail(received.reason.message);
    const losses = received.events.flatMap((event) => {
      const resource = definition.resources[event.resource];
      return resource === undefined ? [] : lossesOfEvent(resource, event);
    });
    const { held } = weighBatch(losses, { limits: {}, nowInMs: Date.now() });
    if (held === undefined) expect.fail('Nothing is held.');
    const id = holdIdOf(orderHeld(held.losses));
    const { code, message: sentences } = asJobError(
      eventsHeld(held, fill(errorParts.sendAgain, { id })),
      definition,
      'triggers',
    );
    expect(message).toBe(`${code}: ${sentences}`);
    expect(message).toContain('user-9@example.com (known → deleted), and 1 more. Check at the provider');
    expect(message).toContain(`set "Approved hold" to "${id}", and have the sender send the message again`);
    expect(await push(body, { approve: id })).toBe(11);
    expect(await push(deletions(12), { approve: id })).toContain('mass_change_blocked');
    expect(await push(body, { massChangeLimit: '11' })).toBe(11);
  });

  it.each(['', ' ', null])('has its own limits where those of the recipe are blank: %j', async (blank) => {
    expect(await push(deletions(10), { massChangeLimit: blank })).toBe(10);
    expect(await push(deletions(11), { massChangeLimit: blank })).toContain('mass_change_blocked');
    const body = await signSet(key, setClaims({ iat: now() - 3_600 }));
    const outcome = await outcomeOf({
      input: { source: 'security_event_token', ...settings, jwks: keySetOf(key), maxAgeInSeconds: blank },
      payload: Buffer.from(body).toString('base64'),
      headers: { 'Content-Type': 'application/secevent+jwt' },
      settings: {},
    });
    expect(outcome).toBe(1);
  });

  it.each(['1.5', 'ten', '-1'])('is an error if the limit is %s', async (massChangeLimit) => {
    expect(await push(deletions(1), { massChangeLimit })).toMatch(
      /^invalid_input: Invalid input: ".*[Ll]imit.*" must be an integer\. Correct the input\.$/,
    );
  });

  it('holds members who leave a group, and not those who join it', async () => {
    const members = Array.from({ length: 26 }, (_, nth) => ({ value: `m${nth}` }));
    const settle = async (op: string): Promise<unknown> => {
      const body = await signSet(
        key,
        setClaims({
          iat: now(),
          sub_id: { format: 'scim', uri: '/Groups/g1' },
          events: events({ 'prov:patch:full': patch({ op, path: 'members', value: members }) }),
        }),
      );
      return outcomeOf({
        input: { source: 'security_event_token', ...settings, jwks: keySetOf(key) },
        payload: Buffer.from(body).toString('base64'),
        headers: { 'Content-Type': 'application/secevent+jwt' },
        settings: {},
      });
    };
    expect(await settle('add')).toBe(1);
    expect(await settle('remove')).toContain(
      '26 group memberships would be reported as removed within 24 hours, and the limit is 25. These events were not reported. Affected: g1 (members: 26 → without 26).',
    );
  });
});
