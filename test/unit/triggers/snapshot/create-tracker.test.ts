import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../connector/resource.ts';
import { createTracker } from '../../../../triggers/snapshot/create-tracker.ts';
import { resourceNamed } from '../../../support/open-test-session.ts';

const user = resourceNamed('User');
const role = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

const ada: Resource = {
  id: '1',
  userName: 'ada@example.com',
  externalId: '00u1',
  active: true,
  title: 'Analyst',
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [{ value: 'ada@example.com', type: 'work' }],
  roles: [{ value: 'reader' }],
  [role]: { workato_role: 'Analyst' },
  groups: [{ value: 'g1' }],
  meta: { lastModified: '2026-05-13T04:42:34Z', version: '1' },
};

function changes(before: Resource, after: Resource): readonly object[] {
  const tracker = createTracker(user);
  const first = tracker.entryOf(before, 0, () => undefined);
  return tracker.changesBetween(
    first,
    tracker.entryOf(after, 0, () => first),
    after,
  );
}

const known = { fromKnown: true, toKnown: true };
const unknown = { from: null, fromKnown: false, toKnown: true };

describe('the difference', () => {
  it.each([
    ['nothing', {}, []],
    ['metadata', { meta: { lastModified: '2027-01-01T00:00:00Z', version: '2' } }, []],
    ['what groups say of the user', { groups: [] }, []],
    [
      'a remembered value',
      { title: 'Countess' },
      [{ path: 'title', from: 'Analyst', to: 'Countess', ...known }],
    ],
    [
      'a remembered value that goes',
      { title: undefined },
      [{ path: 'title', from: 'Analyst', to: null, ...known }],
    ],
    ['a value that comes', { nickName: 'Ada' }, [{ path: 'nickName', from: null, to: 'Ada', ...known }]],
    [
      'a value of which there is a fingerprint',
      { name: { givenName: 'Ada', familyName: 'King' } },
      [{ path: 'name', to: { givenName: 'Ada', familyName: 'King' }, ...unknown }],
    ],
    ['such a value that goes', { emails: [] }, [{ path: 'emails', to: [], ...unknown }]],
    [
      'a role in an extension',
      { [role]: { workato_role: 'Admin' } },
      [{ path: `${role}:workato_role`, from: 'Analyst', to: 'Admin', ...known }],
    ],
    [
      'an extension that goes',
      { [role]: undefined },
      [{ path: `${role}:workato_role`, from: 'Analyst', to: null, ...known }],
    ],
    [
      'roles, one by one',
      { roles: [{ value: 'editor', primary: true }, { value: 'reader' }] },
      [{ path: 'roles[value eq "editor"]', from: null, to: { value: 'editor', primary: true }, ...known }],
    ],
    ['access', { active: false }, [{ path: 'active', from: true, to: false, ...known }]],
    ['an attribute that no schema knows', { badge: 7 }, [{ path: 'badge', from: null, to: 7, ...known }]],
    [
      'an extension that no schema knows, with dots in its name',
      { 'urn:example:acme:2.0:User': { badge: 7 } },
      [{ path: 'urn:example:acme:2.0:User', from: null, to: { badge: 7 }, ...known }],
    ],
  ])('%s', (_, change, expected) => {
    expect(changes(ada, { ...ada, ...change } as Resource)).toEqual(expected);
  });

  it('does not include "active" if the response omits it', () => {
    const { active: _, ...silent } = { ...ada, active: false };
    expect(changes({ ...ada, active: false }, silent)).toEqual([]);
    expect(changes(ada, silent)).toEqual([]);
  });
});

describe('the columns of a state', () => {
  it('are stored, so that a later process compares the same attributes', () => {
    const earlier = createTracker(user);
    const odd = { ...ada, badge: 7 } as Resource;
    const entry = earlier.entryOf(odd, 0, () => undefined);
    const later = createTracker(user, JSON.parse(JSON.stringify(earlier.columns())));
    expect(later.entryOf(odd, 0, () => undefined)).toBe(entry);
    expect(
      later.changesBetween(
        entry,
        later.entryOf(ada, 0, () => entry),
        ada,
      ),
    ).toEqual([{ path: 'badge', to: null, ...unknown }]);
  });

  it('can change their storage mode without a difference', () => {
    const before = createTracker({ ...user, retainedAttributes: ['userName', 'active'] });
    const entry = before.entryOf(ada, 0, () => undefined);
    const now = createTracker(user, before.columns());
    const after = now.entryOf(ada, 0, () => entry);
    expect(after).not.toBe(entry);
    expect(now.changesBetween(entry, after, ada)).toEqual([]);
    const countess = { ...ada, title: 'Countess', roles: [{ value: 'editor' }] };
    expect(
      now.changesBetween(
        entry,
        now.entryOf(countess, 0, () => entry),
        countess,
      ),
    ).toEqual([
      { path: 'title', to: 'Countess', ...unknown },
      { path: 'roles', to: [{ value: 'editor' }], ...unknown },
    ]);
  });
});

describe('a group', () => {
  const group = resourceNamed('Group');
  const team: Resource = {
    id: 'g',
    displayName: 'Team "A"',
    members: [{ value: '1', display: 'Ada' }, { value: 'quo"te' }],
  };
  const tracker = createTracker(group);
  const entry = tracker.entryOf(team, 0, () => undefined);

  it('has its members in its creation and deletion', () => {
    expect(tracker.changesBetween(undefined, entry, team)).toEqual([
      { path: 'members[value eq "1"]', from: null, to: { value: '1', display: 'Ada' }, ...known },
      { path: 'members[value eq "quo\\"te"]', from: null, to: { value: 'quo"te' }, ...known },
    ]);
    expect(tracker.changesOnDelete(entry)).toEqual([
      { path: 'members[value eq "1"]', from: { value: '1' }, to: null, ...known },
      { path: 'members[value eq "quo\\"te"]', from: { value: 'quo"te' }, to: null, ...known },
    ]);
  });

  it('has its last known name when it is deleted', () => {
    expect(tracker.subjectOf('g', entry)).toEqual({
      id: 'g',
      externalId: null,
      userName: null,
      displayName: 'Team "A"',
    });
  });

  it('does not change when a member is renamed', () => {
    const renamed = { ...team, members: [{ value: 'quo"te' }, { value: '1', display: 'Ada King' }] };
    expect(tracker.entryOf(renamed, 0, () => entry)).toBe(entry);
  });
});
