import { beforeAll, describe, expect, it } from 'vitest';
import type { SourceType } from '../../connector/manifest/source.zod.ts';
import type { Received } from '../../triggers/sources/source.ts';
import { createFakePlatform, fakeEpochInMs } from '../support/fake-platform.ts';
import { openPush } from '../support/webhook/open-source.ts';
import { eventsOf } from '../support/webhook/outcome.ts';
import { pushRequest } from '../support/webhook/push-request.ts';
import { openSetBench } from '../support/webhook/set-bench.ts';
import { eventUri, type IssuerKey, issuerKey } from '../support/webhook/set-issuer.ts';
import { signBody } from '../support/webhook/sign-body.ts';
import { triggersOf } from '../support/webhook/triggers-of.ts';

// What happened × who tells of it: the triggers that start. Polls have a table of their own.

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

let key: IssuerKey;
beforeAll(async () => {
  key = await issuerKey('EdDSA');
});

/** Sends one message as a source's sender does, and returns what came of it. */
type Send = () => Promise<Received>;

const set =
  (events: Readonly<Record<string, unknown>>, uri = '/Users/u1', settings = {}): Send =>
  () =>
    openSetBench(key, settings).tell({
      sub_id: { format: 'scim', uri },
      events: Object.fromEntries(
        Object.entries(events).map(([name, reported]) => [eventUri(name), reported]),
      ),
    });
const patch = (operation: unknown, uri?: string): Send =>
  set({ 'prov:patch:full': { data: { Operations: [operation] } } }, uri);
const notice = (attributes: readonly string[], uri?: string): Send =>
  set({ 'prov:patch:notice': { attributes } }, uri);

const post = (
  source: SourceType,
  settings: object,
  headers: Readonly<Record<string, string>>,
  body: string,
) =>
  openPush(
    source,
    createFakePlatform(() => ({})),
    { ...settings },
  ).receive(pushRequest({ headers, body }));

const okta =
  (eventType: string, target: unknown): Send =>
  () =>
    post(
      'okta_event_hook',
      { secret: 's' },
      { authorization: 's' },
      JSON.stringify({
        data: { events: [{ uuid: 'x', eventType, published: '2026-01-01T00:00:00Z', target }] },
      }),
    );
const oktaUser = [{ id: '00u1', type: 'User', alternateId: 'ada@example.com' }];
const oktaGroup = [{ id: '00g1', type: 'UserGroup', displayName: 'Crew' }];

const workos =
  (event: string, data: object): Send =>
  () => {
    const body = JSON.stringify({ id: 'event_1', event: `dsync.${event}`, data });
    const signature = `t=${fakeEpochInMs}, v1=${signBody('s', fakeEpochInMs, body)}`;
    return post('workos', { secret: 's' }, { 'workos-signature': signature }, body);
  };
const workosUser = { id: 'directory_user_1', state: 'active', email: 'ada@example.com' };
const workosGroup = { id: 'directory_group_1', name: 'Crew' };
const workosUpdate = (previous_attributes: object, now: object = {}): Send =>
  workos('user.updated', { ...workosUser, ...now, previous_attributes });

const polis =
  (event: string, data: object): Send =>
  () => {
    const body = JSON.stringify({ event, data });
    const signature = `t=${fakeEpochInMs},s=${signBody('s', fakeEpochInMs, body)}`;
    return post('ory_polis', { secret: 's' }, { 'boxyhq-signature': signature }, body);
  };
const polisUser = { id: 'u1', email: 'ada@example.com', active: true, raw: {} };
const polisGroup = { id: 'g1', name: 'Crew', raw: {} };

const workato =
  (event: string, before: object, after: object, resource: object = { member: { id: 1 } }): Send =>
  () => {
    const attributes = { event, resource, details: { source: 'scim_auto_sync', before, after } };
    const body = JSON.stringify({ id: 1, content: { attributes } });
    return post('workato_audit_log', { bearerToken: 's' }, { authorization: 'Bearer s' }, body);
  };

type Row = readonly [what: string, triggers: string, senders: Readonly<Record<string, Send>>];

const rows: readonly Row[] = [
  [
    'a user is created',
    'user_provisioned',
    {
      'SET, full': set({ 'prov:create:full': { data: { schemas: [userUrn], userName: 'ada' } } }),
      'SET, notice': set({ 'prov:create:notice': { attributes: ['userName'] } }),
      'SET, with activate': set({ 'prov:create:notice': {}, 'prov:activate': {} }),
      Okta: okta('user.lifecycle.create', oktaUser),
      WorkOS: workos('user.created', workosUser),
      Polis: polis('user.created', polisUser),
      Workato: workato('team_invitation_accept', {}, { userName: 'ada' }),
    },
  ],
  [
    'a user is created inactive',
    'user_provisioned',
    {
      'SET, full': set({ 'prov:create:full': { data: { userName: 'ada', active: false } } }),
      WorkOS: workos('user.created', { ...workosUser, state: 'inactive' }),
      Polis: polis('user.created', { ...polisUser, active: 'False' }),
      Workato: workato('team_invitation_accept', {}, { userName: 'ada', active: false }),
    },
  ],
  [
    'a user is deactivated',
    'user_deprovisioned',
    {
      SET: set({ 'prov:deactivate': {} }),
      "SET of Okta's PATCH": patch({ op: 'replace', value: { active: false } }),
      "SET of Entra ID's PATCH": patch({ op: 'Replace', path: 'active', value: 'False' }),
      "SET of Entra ID's PATCH, boolean": patch({ op: 'Replace', path: 'active', value: false }),
      "SET of Entra ID's PATCH, with the flag": patch({ op: 'replace', path: 'active', value: false }),
      "SET of Entra ID's PATCH, path-less": patch({ op: 'replace', value: { active: 'False' } }),
      'SET, reported twice': set({
        'prov:deactivate': {},
        'prov:patch:full': { data: { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] } },
      }),
      Okta: okta('user.lifecycle.deactivate', oktaUser),
      'Okta, suspended': okta('user.lifecycle.suspend', oktaUser),
      WorkOS: workosUpdate({ state: 'active' }, { state: 'inactive' }),
      Polis: polis('user.updated', { ...polisUser, active: false }),
      'Polis, of Entra ID': polis('user.updated', { ...polisUser, active: 'False' }),
      Workato: workato('team_membership_suspended', { active: true }, { active: false }),
    },
  ],
  [
    'a user is replaced by one who is inactive (Okta by PUT, OneLogin)',
    'user_updated',
    {
      'SET, full': set({ 'prov:put:full': { data: { userName: 'ada', active: false } } }),
      'SET, notice': set({ 'prov:put:notice': { attributes: ['active'] } }),
    },
  ],
  [
    'a user is replaced by one who is inactive, where the provider has no other word for it',
    'user_deprovisioned user_updated',
    {
      'SET, full': set({ 'prov:put:full': { data: { userName: 'ada', active: 'False' } } }, '/Users/u1', {
        treatInactivePutAsDeactivation: true,
      }),
    },
  ],
  [
    'a user is replaced, and deactivated by it',
    'user_deprovisioned user_updated',
    { SET: set({ 'prov:put:full': { data: { userName: 'ada', active: false } }, 'prov:deactivate': {} }) },
  ],
  [
    'a user is deleted',
    'user_deprovisioned',
    {
      SET: set({ 'prov:delete': {} }),
      'SET, with deactivate': set({ 'prov:deactivate': {}, 'prov:delete': {} }),
      Okta: okta('user.lifecycle.delete.initiated', oktaUser),
      WorkOS: workos('user.deleted', workosUser),
      Polis: polis('user.deleted', polisUser),
      Workato: workato('team_membership_deleted', { userName: 'ada' }, {}),
      'Workato, by hand': workato('team_membership_deleted', { removed: false }, { removed: true }),
    },
  ],
  [
    'a user is given access back',
    'user_reactivated',
    {
      SET: set({ 'prov:activate': {} }),
      "SET of Entra ID's PATCH": patch({ op: 'Add', path: 'active', value: 'True' }),
      Okta: okta('user.lifecycle.activate', oktaUser),
      'Okta, suspended before': okta('user.lifecycle.unsuspend', oktaUser),
      WorkOS: workosUpdate({ state: 'inactive' }),
      Workato: workato('team_membership_restored', { active: false }, { active: true }),
      'Workato, by a login': workato('team_membership_restored', { removed: true }, { removed: false }),
    },
  ],
  [
    'a user has another title',
    'user_updated',
    {
      SET: patch({ op: 'Replace', path: 'title', value: 'Lead' }),
      'SET, notice': notice(['title']),
      Okta: okta('user.account.update_profile', oktaUser),
      WorkOS: workosUpdate({ job_title: 'Analyst' }, { job_title: 'Lead' }),
      Polis: polis('user.updated', polisUser),
      Workato: workato('team_membership_updated', { title: 'Analyst' }, { title: 'Lead' }),
    },
  ],
  [
    'a user has another role, in the extension',
    'user_updated user_role_changed',
    {
      SET: patch({ op: 'Add', path: `${roleUrn}:workato_role`, value: 'Admin' }),
      'SET, path-less': patch({ op: 'replace', value: { [`${roleUrn}:workato_role_prod`]: 'Admin' } }),
      'SET, notice': notice([`${roleUrn}:workato_role`]),
      WorkOS: workosUpdate(
        { raw_attributes: { [roleUrn]: { workato_role: 'Analyst' } } },
        { raw_attributes: { schemas: [userUrn], [roleUrn]: { workato_role: 'Admin' } } },
      ),
      Workato: workato(
        'team_membership_role_updated',
        { workato_role: 'Analyst' },
        { workato_role: 'Admin' },
      ),
    },
  ],
  [
    'a user has another role, in "roles"',
    'user_updated user_role_changed',
    {
      SET: patch({ op: 'add', path: 'roles', value: [{ value: 'admin' }] }),
      'SET, one removed': patch({ op: 'remove', path: 'roles[value eq "admin"]' }),
      'SET, notice': notice(['roles']),
      WorkOS: workosUpdate({ role: { slug: 'member' } }, { role: { slug: 'admin' } }),
    },
  ],
  [
    'a group is created',
    'group_created',
    {
      'SET, notice': set({ 'prov:create:notice': { attributes: ['displayName'] } }, '/Groups/g1'),
      Okta: okta('group.lifecycle.create', oktaGroup),
      WorkOS: workos('group.created', workosGroup),
      Polis: polis('group.created', polisGroup),
      Workato: workato('user_group_created', {}, { displayName: 'Crew' }, { id: 'g1' }),
    },
  ],
  [
    'a group is created with members',
    'group_created group_membership_changed',
    {
      'SET, full': set(
        { 'prov:create:full': { data: { displayName: 'Crew', members: [{ value: 'u1' }] } } },
        '/Groups/g1',
      ),
      Workato: workato(
        'user_group_created',
        {},
        { displayName: 'Crew', members: [{ value: 'u1' }] },
        { id: 'g1' },
      ),
    },
  ],
  [
    'a group has another name',
    'group_updated',
    {
      SET: patch({ op: 'replace', value: { id: 'g1', displayName: 'Gang' } }, '/Groups/g1'),
      'SET, notice': notice(['displayName'], '/Groups/g1'),
      Okta: okta('group.profile.update', oktaGroup),
      WorkOS: workos('group.updated', { ...workosGroup, previous_attributes: { name: 'Gang' } }),
      Polis: polis('group.updated', polisGroup),
      Workato: workato('user_group_updated', { displayName: 'Crew' }, { displayName: 'Gang' }, { id: 'g1' }),
    },
  ],
  [
    'a user joins a group',
    'group_membership_changed',
    {
      SET: patch({ op: 'add', path: 'members', value: [{ value: 'u1' }] }, '/Groups/g1'),
      "SET of Entra ID's PATCH": patch(
        { op: 'Add', path: 'members', value: [{ $ref: null, value: 'u1' }] },
        '/Groups/g1',
      ),
      'SET, notice': notice(['members'], '/Groups/g1'),
      Okta: okta('group.user_membership.add', [...oktaUser, ...oktaGroup]),
      WorkOS: workos('group.user_added', { user: workosUser, group: workosGroup }),
      Polis: polis('group.user_added', { ...polisUser, group: polisGroup }),
      Workato: workato('user_group_updated', { members: [] }, { members: [{ value: 'u1' }] }, { id: 'g1' }),
    },
  ],
  [
    'a user leaves a group',
    'group_membership_changed',
    {
      SET: patch({ op: 'remove', path: 'members[value eq "u1"]' }, '/Groups/g1'),
      "SET of Entra ID's PATCH": patch(
        { op: 'Remove', path: 'members', value: [{ value: 'u1' }] },
        '/Groups/g1',
      ),
      'SET of a whole list': patch({ op: 'replace', path: 'members', value: [] }, '/Groups/g1'),
      Okta: okta('group.user_membership.remove', [...oktaUser, ...oktaGroup]),
      WorkOS: workos('group.user_removed', { user: workosUser, group: workosGroup }),
      Polis: polis('group.user_removed', { ...polisUser, group: polisGroup }),
      Workato: workato('user_group_updated', { members: [{ value: 'u1' }] }, { members: [] }, { id: 'g1' }),
    },
  ],
  [
    'a group is deleted',
    'group_deleted',
    {
      SET: set({ 'prov:delete': {} }, '/Groups/g1'),
      Okta: okta('group.lifecycle.delete', oktaGroup),
      WorkOS: workos('group.deleted', workosGroup),
      Polis: polis('group.deleted', polisGroup),
      Workato: workato('user_group_deleted', { displayName: 'Crew' }, {}, { id: 'g1' }),
    },
  ],
  [
    'nothing has changed',
    '',
    {
      'SET, feed': set({ 'feed:add': {} }),
      'SET, out of the feed': set({ 'feed:remove': {} }),
      'SET, a request has ended': set({ 'misc:asyncresp': { method: 'PUT', status: '200' } }),
      'SET, of the record itself': patch({ op: 'replace', value: { id: 'g1' } }, '/Groups/g1'),
      'Okta, activation mail sent again': okta('user.lifecycle.reactivate', oktaUser),
      'Okta, locked for a while': okta('user.account.lock', oktaUser),
      'WorkOS, the name set to what it is': workos('group.updated', {
        ...workosGroup,
        previous_attributes: { name: 'Crew' },
      }),
      'WorkOS, a directory unlinked': workos('deleted', { id: 'directory_1' }),
      'Workato, a login': workato('user_login', {}, {}),
      'Workato, the name set to what it is': workato(
        'user_group_updated',
        { displayName: 'Crew', title: 'x' },
        { displayName: 'Crew', title: 'x' },
        { id: 'g1' },
      ),
    },
  ],
];

describe.each(rows)('%s: starts %s', (_, triggers, senders) => {
  it.each(Object.entries(senders))('%s', async (__, send) => {
    const started = eventsOf(await send()).flatMap(triggersOf);
    expect(started.join(' ')).toBe(triggers);
  });
});
