import { expect, it } from 'vitest';
import { compileManifest } from '../../connector/definition/compile-manifest.ts';
import type { ErrorCode } from '../../connector/errors.ts';
import { packagers } from '../../hosts/packagers.ts';
import { secretFields, sourceTriggers } from '../../hosts/workato/event-sources.ts';
import * as library from '../../runtime/index.ts';
import { loadManifest } from '../../runtime/load-manifest.ts';
import { newPollCursor, type PollCursor } from '../../triggers/poll/poll-cursor.ts';
import { dedupeKey } from '../../triggers/sources/event-mapping/make-event.ts';
import { readLogCursor } from '../../triggers/sources/log/log-cursor.ts';
import { readPollCursor } from '../../triggers/sources/set/fetch-sets.ts';

// Other people's flows hold these names. Adding one is a decision; renaming one is a major version.

const definition = compileManifest(loadManifest());

const actions = {
  create_user:
    'userName name displayName emails active externalId title department workato_role workato_role_test workato_role_prod employeeNumber organization division costCenter manager userType phoneNumbers addresses preferredLanguage locale timezone nickName profileUrl photos ims entitlements roles x509Certificates password',
  get_user: 'user attributes excludedAttributes',
  find_user: 'user attributes excludedAttributes',
  search_users:
    'userName displayName active externalId title department workato_role workato_role_test workato_role_prod userType email givenName familyName filter limit pageSize sortBy sortOrder attributes excludedAttributes',
  update_user:
    'user userName name displayName emails active externalId title department workato_role workato_role_test workato_role_prod employeeNumber organization division costCenter manager userType phoneNumbers addresses preferredLanguage locale timezone nickName profileUrl photos ims entitlements roles x509Certificates password ifVersion',
  replace_user:
    'user userName name displayName emails active externalId title department workato_role workato_role_test workato_role_prod employeeNumber organization division costCenter manager userType phoneNumbers addresses preferredLanguage locale timezone nickName profileUrl photos ims entitlements roles x509Certificates password ifVersion',
  upsert_user:
    'userName name displayName emails active externalId title department workato_role workato_role_test workato_role_prod employeeNumber organization division costCenter manager userType phoneNumbers addresses preferredLanguage locale timezone nickName profileUrl photos ims entitlements roles x509Certificates password matchBy',
  deactivate_user: 'user ifVersion',
  reactivate_user: 'user ifVersion',
  delete_user: 'user',
  set_user_manager: 'user manager ifVersion',
  rename_user: 'user newUserName ifVersion',
  offboard_user: 'user deactivate leaveGroups removeRoles',
  get_user_groups: 'user',
  set_workato_role: 'user environment role ifVersion',
  create_group: 'displayName externalId members',
  get_group: 'group attributes excludedAttributes',
  search_groups:
    'displayName externalId member filter limit pageSize sortBy sortOrder attributes excludedAttributes',
  update_group: 'group displayName externalId members ifVersion',
  delete_group: 'group',
  add_group_members: 'group members',
  remove_group_members: 'group members',
  set_group_members: 'group members allowEmpty',
  get_group_members: 'group',
  bulk_users: 'action rows matchBy',
  plan_sync: 'users ownedBy missing neverTouch groups createGroups matchBy map safetyLimit',
  apply_sync: 'plan approve whenHeld',
  discover_provider: '',
  custom_request: 'method path query body',
};

it('keeps the keys of the actions, and the fields of each', () => {
  expect(
    Object.fromEntries(
      definition.actions.map(({ key, fields }) => [key, fields.map((field) => field.key).join(' ')]),
    ),
  ).toEqual(actions);
});

it('keeps the form of a plan, and of the result of applying it', () => {
  const keysOf = (key: string): string =>
    definition.actions.find((action) => action.key === key)?.output.required?.join(' ') ?? '';
  expect(keysOf('plan_sync')).toBe('planId counts unchanged untouchable changes holds problems notes plan');
  expect(keysOf('apply_sync')).toBe('planId counts results holds');
});

const polled =
  'startFrom strategy massChangeLimit massChangePercent approve pageSize fullReadIntervalInMinutes lookBackInSeconds';
const triggers = {
  user_provisioned: `filter group ${polled}`,
  user_updated: `changedAttributes filter group ${polled}`,
  user_role_changed: `roleFrom roleTo filter group ${polled}`,
  user_deprovisioned: `filter group ${polled}`,
  user_reactivated: `filter group ${polled}`,
  group_created: `filter ${polled}`,
  group_updated: `changedAttributes filter group ${polled}`,
  group_deleted: `filter group ${polled}`,
  group_membership_changed: `filter group ${polled}`,
  provisioning_event: `changedAttributes filter ${polled}`,
};

it('keeps the keys of the triggers, and the fields of each', () => {
  expect(
    Object.fromEntries(
      definition.triggers.map(({ key, fields }) => [key, fields.map((field) => field.key).join(' ')]),
    ),
  ).toEqual(triggers);
});

it('keeps the types of the events of each trigger', () => {
  expect(
    Object.fromEntries(definition.triggers.map(({ key, detect }) => [key, detect.types.join(' ')])),
  ).toEqual({
    user_provisioned: 'create',
    user_updated: 'patch put',
    user_role_changed: 'patch put',
    user_deprovisioned: 'deactivate delete',
    user_reactivated: 'activate',
    group_created: 'create',
    group_updated: 'patch put',
    group_deleted: 'delete',
    group_membership_changed: 'create patch put delete',
    provisioning_event: 'create patch put delete activate deactivate',
  });
});

it('keeps the form of an event', () => {
  for (const { key, output, sample } of definition.triggers) {
    expect(output.required?.join(' '), key).toBe(
      'id type occurredAt resource subject changes data source cause isLate dedupeKey',
    );
    expect(Object.keys(sample as object), key).toEqual(output.required);
    expect(output.properties?.subject?.required, key).toEqual([
      'id',
      'externalId',
      'userName',
      'displayName',
    ]);
    expect(output.properties?.changes?.items?.required, key).toEqual([
      'path',
      'from',
      'to',
      'fromKnown',
      'toKnown',
    ]);
  }
});

it('keeps the version and the form of the cursor of a poll', () => {
  const cursor: PollCursor = newPollCursor('https://scim.example.com', () => 0);
  expect(cursor).toEqual({
    version: 2,
    provider: 'https://scim.example.com',
    epoch: '00000000',
    sequence: 0,
    resources: {},
  });
});

const sources = {
  security_event_token: 'issuer audience jwksUrl maxAgeInSeconds treatInactivePutAsDeactivation bearerToken',
  security_event_poll:
    'issuer audience jwksUrl maxAgeInSeconds treatInactivePutAsDeactivation pollUrl pollToken maxEvents',
  okta_event_hook: 'secret previousSecret',
  workos: 'secret previousSecret maxAgeInSeconds',
  workos_events: 'apiKey organizationId startAt lookBackInSeconds apiUrl',
  ory_polis: 'secret previousSecret maxAgeInSeconds',
  workato_audit_log: 'bearerToken previousBearerToken',
  workato_activity_log: 'apiUrl apiToken startAt lookBackInSeconds',
};

it('keeps the keys of the sources, and the settings of each', () => {
  expect(
    Object.fromEntries(
      definition.sources.map(({ type, fields }) => [type, fields.map((field) => field.key).join(' ')]),
    ),
  ).toEqual(sources);
});

it('keeps the cursor of the security event poll, which hosts hold: a new version must read this one', () => {
  const kept = { version: 1, ack: ['a'], errs: [{ jti: 'b', err: 'invalid_key', description: 'Why.' }] };
  expect(readPollCursor(kept)).toEqual(kept);
});

it('keeps the cursor of a fetched log, which hosts hold: a new version must read this one', () => {
  const kept = { version: 1, startAtInMs: 1, newestAtInMs: 2, after: null, seen: [['a', 2]] };
  expect(readLogCursor(kept)).toEqual(kept);
});

it('keeps the keys by which repeated events are recognized', () => {
  expect(dedupeKey('set', 'https://scim.example.com', '4d3559ec', 'deactivate')).toBe(
    'set/https:%2F%2Fscim.example.com/4d3559ec/deactivate',
  );
});

it('keeps the fields of the connection, and the methods to authenticate', () => {
  expect(definition.connection.fields.map(({ key }) => key).join(' ')).toBe(
    'baseUrl timeoutInMs deadlineInMs concurrency requestsPerMinute maxResponseBytes allowPlainHttp',
  );
  expect(
    Object.fromEntries(
      definition.connection.auth.methods.map(({ type, fields }) => [
        type,
        fields.map(({ key }) => key).join(' '),
      ]),
    ),
  ).toEqual({
    bearer: 'token',
    oauth_client_credentials: 'tokenUrl clientId clientSecret scope audience resource clientAuthentication',
    basic: 'username password',
    header: 'headerName headerValue',
  });
});

it('keeps the ways to name a user and a group', () => {
  const ways = Object.values(definition.resources).map(({ reference, lookupKeys }) => [
    reference.key,
    lookupKeys.map(({ key }) => key),
  ]);
  expect(ways).toEqual([
    ['user', ['id', 'userName', 'externalId', 'email']],
    ['group', ['id', 'displayName', 'externalId']],
  ]);
});

it('keeps the error codes', () => {
  // Without one of them, or with another, this does not compile.
  const codes: Readonly<Record<ErrorCode, true>> = {
    invalid_input: true,
    auth: true,
    forbidden: true,
    not_found: true,
    conflict: true,
    precondition_failed: true,
    rate_limited: true,
    unavailable: true,
    provider_fault: true,
    mass_change_blocked: true,
    unsupported: true,
  };
  expect(Object.keys(codes)).toHaveLength(11);
});

it('keeps the hosts that packages are made for', () => {
  expect(packagers.map(({ name }) => name)).toEqual(['workato', 'n8n', 'zapier', 'mcp', 'activepieces']);
});

it('keeps the keys of the triggers for event sources on Workato, and of the secrets in its connection', () => {
  expect(sourceTriggers(definition).map(({ key }) => key)).toEqual(['pushed_event', 'fetched_event']);
  expect(secretFields(definition).map(({ key }) => key)).toEqual([
    'security_event_token_bearerToken',
    'workato_audit_log_bearerToken',
    'workato_audit_log_previousBearerToken',
    'workos_events_apiKey',
    'workato_activity_log_apiToken',
  ]);
});

it('keeps the exports of the library', () => {
  expect(Object.keys(library).sort()).toEqual([
    'ConnectorError',
    'ManifestError',
    'SinkClosed',
    'approveHold',
    'createConnector',
    'discardHold',
    'discoverOverlay',
    'fileSink',
    'flattenExtensions',
    'openJournal',
    'openWatchStore',
    'parseManifest',
    'parseOverlay',
    'readDesired',
    'readHolds',
    'readProvider',
    'stdoutSink',
    'streamSink',
    'watchAll',
    'watchSources',
    'webhookSink',
  ]);
});
