import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../../../connector/errors.ts';
import type { EventChange, ProvisioningEvent } from '../../../../../connector/event.ts';
import type { HttpResponse } from '../../../../../connector/platform.ts';
import type { Resource } from '../../../../../connector/resource.ts';
import { changeOf, changeTo } from '../../../../../triggers/changes.ts';
import { enrichEvent } from '../../../../../triggers/sources/event-mapping/enrich-events.ts';
import { failureOf } from '../../../../support/failure-of.ts';
import { createFakePlatform, json } from '../../../../support/fake-platform.ts';
import { openTestSession } from '../../../../support/open-test-session.ts';
import { definition } from '../../../../support/webhook/open-source.ts';
import { inShort } from '../../../../support/webhook/outcome.ts';

const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

function notice(changes: readonly EventChange[], more: Partial<ProvisioningEvent> = {}): ProvisioningEvent {
  return {
    id: 'jti',
    type: 'patch',
    occurredAt: '2026-01-01T00:00:00.000Z',
    resource: 'User',
    subject: { id: 'u1', externalId: null, userName: null, displayName: null },
    changes,
    data: null,
    source: 'security_event_token',
    cause: null,
    isLate: false,
    dedupeKey: 'set/iss/jti/patch',
    ...more,
  };
}

const ada: Resource = {
  id: 'u1',
  externalId: 'x1',
  userName: 'ada',
  displayName: 'Ada',
  active: false,
  title: 'Lead',
  name: { givenName: 'Ada' },
  emails: [{ value: 'a@example.com' }, { value: 'b@example.com' }],
  [roleUrn]: { workato_role: 'Admin' },
};

describe('a notice whose resource was read', () => {
  it('has the resource, its names, and the values as they are', () => {
    const changes = [
      'title',
      'nickName',
      'name.givenName',
      'emails',
      'emails.value',
      `${roleUrn}:workato_role`,
    ];
    const [event, ...others] = enrichEvent(definition, notice(changes.map(changeOf)), ada);
    expect(others).toEqual([]);
    expect(event?.data).toBe(ada);
    expect(event?.subject).toEqual({ id: 'u1', externalId: 'x1', userName: 'ada', displayName: 'Ada' });
    expect(event?.changes.map(({ path, to, toKnown, fromKnown }) => [path, to, toKnown, fromKnown])).toEqual([
      ['title', 'Lead', true, false],
      ['nickName', null, true, false],
      ['name.givenName', 'Ada', true, false],
      ['emails', ada.emails, true, false],
      ['emails.value', ['a@example.com', 'b@example.com'], true, false],
      [`${roleUrn}:workato_role`, 'Admin', true, false],
    ]);
    expect(event?.dedupeKey).toBe('set/iss/jti/patch');
  });

  it('keeps what the source reported', () => {
    const reported = notice([changeTo('title', 'Boss'), changeOf('emails[type eq "work"].value')], {
      subject: { id: 'u1', externalId: 'mine', userName: null, displayName: null },
    });
    const [event] = enrichEvent(definition, reported, ada);
    expect(event?.changes).toEqual(reported.changes);
    expect(event?.subject.externalId).toBe('mine');
  });

  it('becomes a deactivation if it is about active and the user is inactive', () => {
    for (const type of ['patch', 'put'] as const)
      expect(enrichEvent(definition, notice([changeOf('active')], { type }), ada).map(inShort)).toEqual([
        'deactivate User u1 {active: ? → false} with data',
      ]);
  });

  it('becomes an activation in addition to the other changes if the user is active', () => {
    const changes = [changeOf('title'), changeOf('active')];
    expect(enrichEvent(definition, notice(changes), { ...ada, active: true }).map(inShort)).toEqual([
      'activate User u1 {active: ? → true} with data',
      'patch User u1 {title: ? → "Lead"} with data',
    ]);
  });

  it('stays unchanged if the resource does not show active', () => {
    const { active: _, ...shy } = ada;
    expect(enrichEvent(definition, notice([changeOf('active')]), shy).map(inShort)).toEqual([
      'patch User u1 {active: ? → null} with data',
    ]);
  });

  it('has keys that do not depend on what was read', () => {
    const event = notice([changeOf('active'), changeOf('title')]);
    const keys = (active: boolean) =>
      enrichEvent(definition, event, { ...ada, active }).map(({ dedupeKey }) => dedupeKey);
    expect(keys(true)).toEqual(['set/iss/jti/patch/active', 'set/iss/jti/patch']);
    expect(keys(false)).toEqual(keys(true));
  });
});

it('adds only the resource to an activation, a deactivation, and a creation', () => {
  for (const type of ['activate', 'deactivate', 'create'] as const) {
    const event = notice([changeTo('active', true)], { type });
    expect(enrichEvent(definition, event, ada)).toEqual([
      { ...event, data: ada, subject: { id: 'u1', externalId: 'x1', userName: 'ada', displayName: 'Ada' } },
    ]);
  }
});

describe('events of users, one of whom cannot be read,', () => {
  const events = ['bad', 'good'].map((id) =>
    notice([changeOf('title')], { subject: { id, externalId: null, userName: null, displayName: null } }),
  );
  const enrich = (bad: () => Partial<HttpResponse>) => {
    const platform = createFakePlatform(({ url }) =>
      url.endsWith('/bad') ? bad() : json({ id: 'good', title: 'Lead' }),
    );
    return openTestSession(platform).eventPipeline('provisioning_event', {}).enrich(events);
  };

  it.each<[string, () => Partial<HttpResponse>]>([
    ['is forbidden', () => json({ detail: 'no' }, 403)],
    ['has an invalid ID', () => json({ detail: 'no' }, 400)],
    ['cannot be read by ID', () => json({ detail: 'no' }, 405)],
    ['is answered with another', () => json({ id: 'other' })],
    ['has no ID in the response', () => json({ title: 'Lead' })],
  ])('are all emitted when the user %s', async (_, bad) => {
    const enriched = await enrich(bad);
    expect(enriched.map(({ data }) => data?.id ?? null)).toEqual([null, 'good']);
  });

  it.each<[string, ErrorCode, () => Partial<HttpResponse>]>([
    ['the token is rejected', 'auth', () => json({}, 401)],
    ['the provider is down', 'unavailable', () => json({}, 503)],
    ['a login page is in the way', 'provider_fault', () => ({ status: 200, body: '<html>' })],
  ])('are held back while %s', async (_, code, bad) => {
    expect(await failureOf(() => enrich(bad))).toMatchObject({ code });
  });
});
