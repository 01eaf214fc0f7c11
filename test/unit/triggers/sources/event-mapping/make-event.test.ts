import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventType } from '../../../../../connector/event.ts';
import type { Resource } from '../../../../../connector/resource.ts';
import { readNumericDate, readTime } from '../../../../../scim/timestamps.ts';
import { changeFromTo, changeOf, changesBetween, changeTo } from '../../../../../triggers/changes.ts';
import { dedupeKey, updateEvents } from '../../../../../triggers/sources/event-mapping/make-event.ts';
import { definition } from '../../../../support/webhook/open-source.ts';
import { inShort } from '../../../../support/webhook/outcome.ts';

const user = definition.resources.User;
const group = definition.resources.Group;
if (user === undefined || group === undefined) throw new Error('The manifest has no User or no Group');
const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

describe('a dedupe key', () => {
  it('differs if any of its parts differs', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', '/', '%', '2', 'F', '5') }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        expect(dedupeKey(...one) === dedupeKey(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a time', () => {
  it.each([
    ['2026-05-13T04:42:34Z', '2026-05-13T04:42:34.000Z'],
    ['2020-05-04 18:53:16 UTC', '2020-05-04T18:53:16.000Z'],
    ['2019-09-11 14:38:19 -0700', '2019-09-11T21:38:19.000Z'],
    ['2026-05-13T04:42:34.123456Z', '2026-05-13T04:42:34.123Z'],
    ['2026-05-13t04:42:34z', '2026-05-13T04:42:34.000Z'],
    ['2026-05-13T04:42:34+02:00', '2026-05-13T02:42:34.000Z'],
    ['2026-05-13T04:42:34+0200', '2026-05-13T02:42:34.000Z'],
    ['2026-05-13 04:42:34.5', '2026-05-13T04:42:34.500Z'],
    ['2026-05-13T04:42', '2026-05-13T04:42:00.000Z'],
  ])('is read: %s', (text, expected) => {
    expect(new Date(readTime(text) ?? 0).toISOString()).toBe(expected);
  });

  it.each([
    '1',
    '',
    'May 13, 2026',
    '2026-05-13',
    '2026-13-45T99:99:99Z',
    1_700_000_000,
    null,
    undefined,
    {},
  ])('is undefined: %s', (value) => {
    expect(readTime(value)).toBeUndefined();
  });

  it('in seconds can have a fraction, and must be a valid date', () => {
    expect(readNumericDate(1.5)).toBe(1_500);
    expect(readNumericDate(-1)).toBe(-1_000);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e12 + 1, '1', null])
      expect(readNumericDate(value)).toBeUndefined();
  });
});

describe('what differs between two states', () => {
  it('is one change for each attribute, part and member', () => {
    const before: Resource = {
      id: 'u1',
      meta: { version: '1' },
      schemas: ['a'],
      title: 'Lead',
      nickName: 'A',
      name: { givenName: 'Ada', familyName: 'Byron' },
      emails: [{ value: 'a@example.com' }],
      [roleUrn]: { workato_role: 'Admin', workato_role_prod: 'Analyst' },
    };
    const after: Resource = {
      id: 'u2',
      meta: { version: '2' },
      schemas: ['b'],
      title: 'Head',
      name: { familyName: 'Lovelace', givenName: 'Ada' },
      emails: [{ value: 'b@example.com' }],
      [roleUrn]: { workato_role: 'Operator', workato_role_prod: 'Analyst' },
    };
    expect(changesBetween(user, before, after)).toEqual([
      changeFromTo('title', 'Lead', 'Head'),
      changeFromTo('nickName', 'A', null),
      changeFromTo('name.familyName', 'Byron', 'Lovelace'),
      changeFromTo('emails', before.emails, after.emails),
      changeFromTo(`${roleUrn}:workato_role`, 'Admin', 'Operator'),
    ]);
    expect(changesBetween(user, before, { ...before })).toEqual([]);
  });

  it('is the added and removed members, without renamed ones', () => {
    const before: Resource = { id: 'g', members: [{ value: 'a', display: 'A' }, { value: 'b' }] };
    const after: Resource = { id: 'g', members: [{ value: 'a', display: 'Ann' }, { value: 'c' }] };
    expect(changesBetween(group, before, after)).toEqual([
      changeFromTo('members[value eq "b"]', { value: 'b' }, null),
      changeFromTo('members[value eq "c"]', null, { value: 'c' }),
    ]);
  });
});

describe('an update', () => {
  const parts = {
    id: 'e1',
    source: 'workos' as const,
    occurredAt: '2026-01-01T00:00:00.000Z',
    resource: 'User',
    subject: { id: 'u1', externalId: null, userName: null, displayName: null },
    dedupeKeyOf: (type: EventType) => `e1/${type}`,
  };
  const tell = (changes: Parameters<typeof updateEvents>[1], evenWithoutChanges = false) =>
    updateEvents(parts, changes, { type: 'patch', evenWithoutChanges }).map(inShort);

  it('is empty if nothing has changed', () => {
    expect(tell([])).toEqual([]);
    expect(tell([changeFromTo('title', 'a', 'a'), changeFromTo('active', true, true)])).toEqual([]);
    expect(
      tell([changeFromTo('roles', [{ value: 'a', primary: true }], [{ primary: true, value: 'a' }])]),
    ).toEqual([]);
  });

  it('is reported without changes if the source does not list them', () => {
    expect(tell([], true)).toEqual(['patch User u1']);
  });

  it('of active is a separate event with its own key', () => {
    expect(tell([changeTo('title', 'x'), changeFromTo('active', true, false)])).toEqual([
      'deactivate User u1 {active: true → false}',
      'patch User u1 {title: ? → "x"}',
    ]);
    const events = updateEvents(parts, [changeTo('active', true), changeTo('title', 'x')], {
      type: 'put',
      evenWithoutChanges: false,
    });
    expect(events.map(({ dedupeKey: key }) => key)).toEqual(['e1/activate', 'e1/put']);
  });

  it('of active to an unknown or invalid value is an ordinary change', () => {
    expect(tell([changeOf('active')])).toEqual(['patch User u1 {active: ? → ?}']);
    expect(tell([changeTo('active', null)])).toEqual(['patch User u1 {active: ? → null}']);
  });
});
