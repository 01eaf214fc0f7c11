import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traitNames, traits } from '../../../../connector/traits.ts';
import {
  type QuirkName,
  quirkNames,
  quirks,
  readQuirks,
  whyNotTogether,
} from '../../../../sandbox/quirks/catalog.ts';
import type { Quirk } from '../../../../sandbox/quirks/quirk.ts';
import { groupUrn, makeService, patchUrn, roleUrn, userUrn } from '../../../support/scim-fixture.ts';

describe('the quirks', () => {
  // Profiles state them as traits, and the log names them: renaming one is a major version.
  it('keep their names', () => {
    expect(quirkNames).toEqual([
      'active-omitted-when-false',
      'add-member-conflict',
      'booleans-as-text',
      'bulk-statuses-as-objects',
      'bulk-stops-at-first-error',
      'conflict-400',
      'count-ignored',
      'create-returns-empty-object',
      'create-returns-no-id',
      'cursor-only-paging',
      'deactivate-deletes',
      'deactivate-ignored',
      'delete-gone-500',
      'deleted-names-stay-taken',
      'directory-empty',
      'email-filter-rejected',
      'emails-as-strings',
      'emails-not-kept',
      'empty-filter-404',
      'empty-list-without-resources',
      'external-id-unique',
      'filter-500',
      'filter-stamps-local',
      'filters-ignored',
      'groups-list-empty-members',
      'groups-list-without-members',
      'id-case-changes',
      'ids-reused',
      'if-match-ignored',
      'if-match-rejected',
      'inactive-users-unlisted',
      'invitation-pending',
      'large-count-rejected',
      'last-modified-frozen',
      'late-visibility',
      'list-cursor-expires',
      'list-entry-without-id',
      'list-skips-one',
      'list-without-active',
      'max-100-operations',
      'members-cut-at-100',
      'members-never-shown',
      'nested-groups-unlisted',
      'no-bulk',
      'no-created-stamp',
      'no-discovery',
      'no-filter',
      'no-op-patch-rejected',
      'no-paging',
      'no-patch',
      'no-patch-unannounced',
      'no-put',
      'no-stamps',
      'no-versions',
      'numeric-ids',
      'numeric-ids-beyond-2-53',
      'numeric-version',
      'one-member-per-request',
      'other-id-in-response',
      'patch-filter-paths-rejected',
      'patch-ignored',
      'patch-returns-empty-object',
      'patch-returns-list',
      'patch-returns-no-content',
      'patch-returns-stale',
      'rate-limit-403',
      'remove-non-member-404',
      'remove-non-member-rejected',
      'repeats-in-list',
      'replace-members-rejected',
      'retry-after-epoch',
      'roles-hidden',
      'single-user-unreadable',
      'start-index-from-zero',
      'start-index-ignored',
      'start-index-is-page-number',
      'start-index-required',
      'totals-as-text',
      'totals-count-page',
      'totals-missing',
      'totals-shrink',
      'unknown-filter-empty',
      'unknown-id-500',
      'unstable-order',
      'zoneless-stamps',
    ]);
  });

  it('have the names of the traits that the connector knows', () => {
    expect(quirkNames).toEqual(traitNames);
  });

  it.each(Object.values(traits))('have a trait that is one sentence or more: %s', (sentence) => {
    expect(sentence).toMatch(/^[A-Z`].*[.]$/s);
  });

  it.each(quirks)('have a description, products, and sources: $name', (quirk) => {
    const { name, summary, seenAt, sources, excludes = [] } = quirk;
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(summary).toMatch(/^[A-Z`].*[.]$/s);
    expect(seenAt.length).toBeGreaterThan(0);
    expect(sources.length).toBeGreaterThan(0);
    expect(excludes.filter((other) => !quirkNames.some((known) => known === other))).toEqual([]);
    expect(excludes).not.toContain(name);
  });
});

describe('reading the names of quirks', () => {
  it('suggests the nearest name for an unknown one and lists all', () => {
    expect(() => readQuirks(['totals-count-pages'])).toThrow(
      /^There is no quirk "totals-count-pages" \(did you mean "totals-count-page"\?\)\. The quirks are active-omitted-when-false, .*zoneless-stamps\.$/,
    );
    expect(() => readQuirks(['nonsense'])).toThrow(/^There is no quirk "nonsense"\. The quirks are /);
  });

  it('rejects two quirks of one aspect', () => {
    expect(() => readQuirks(['totals-shrink', 'no-put', 'totals-missing'])).toThrow(
      'The quirks "totals-shrink" and "totals-missing" contradict each other: both are about totalResults. Choose one of them.',
    );
  });

  it('rejects a quirk that another one would hide', () => {
    expect(() => readQuirks(['patch-ignored', 'no-patch'])).toThrow(
      'The quirks "no-patch" and "patch-ignored" exclude each other: one would hide the other. Choose one of them.',
    );
  });

  it('returns each name once, in the same order whatever the order of the names', () => {
    const names = ['zoneless-stamps', 'no-put', 'no-put', 'totals-missing'];
    expect(readQuirks(names)).toEqual(readQuirks(names.toReversed()));
    expect(readQuirks(names).toSorted()).toEqual(['no-put', 'totals-missing', 'zoneless-stamps']);
  });
});

/** Quirks that make sense together: of those that do not, the first one counts. */
const combination = fc.shuffledSubarray([...quirks], { minLength: 1 }).map((chosen) => {
  const together: Quirk<QuirkName>[] = [];
  for (const quirk of chosen)
    if (together.every((other) => whyNotTogether(other, quirk) === undefined)) together.push(quirk);
  return together.map(({ name }) => name);
});

describe('combined quirks', () => {
  it('never cause an internal error, and keep the stored data intact', () => {
    fc.assert(
      fc.property(combination, (names) => {
        const service = makeService({ quirks: readQuirks(names) });
        const { call, errors, store } = service;
        const people = () => store.list('User');
        const body = (nth: number) => ({
          schemas: [userUrn],
          userName: `user-${nth}@example.com`,
          externalId: `e-${nth}`,
          emails: [{ value: `user-${nth}@example.com`, primary: true }],
          [roleUrn]: { workato_role: 'Analyst' },
        });
        for (let nth = 1; nth <= 6; nth += 1) call('POST', '/Users', body(nth));
        call('POST', '/Users', body(1));
        const members = people().map(({ id }) => ({ value: id }));
        call('POST', '/Groups', { schemas: [groupUrn], displayName: 'Crew', members: members.slice(0, 3) });
        const [first, second] = people().map(({ id }) => `/Users/${id}`);
        const group = `/Groups/${store.list('Group')[0]?.id}`;
        const patch = (path: string, ...operations: object[]) =>
          call('PATCH', path, { schemas: [patchUrn], Operations: operations }, { 'if-match': 'W/"1"' });
        for (const path of ['/Users', '/Groups', '/', '/Users?count=2', '/Users?count=2&startIndex=3'])
          call('GET', path);
        const page = call('GET', '/Users?count=2&cursor').body;
        if (typeof page.nextCursor === 'string') call('GET', `/Users?count=2&cursor=${page.nextCursor}`);
        for (const filter of [
          'userName eq "user-1@example.com"',
          'emails.value co "user"',
          'id pr',
          'active eq',
        ])
          call('GET', `/Users?filter=${encodeURIComponent(filter)}&attributes=emails.value,meta.created`);
        for (const path of [`${first}`, `${second}`, group, '/Users/nobody', '/Users/%ff']) call('GET', path);
        patch(`${second}`, { op: 'replace', path: 'active', value: false });
        patch(`${second}`, {
          op: 'replace',
          value: { displayName: 'X', [`${roleUrn}:workato_role`]: 'Admin' },
        });
        patch(
          group,
          { op: 'remove', path: `members[value eq "${members[0]?.value}"]` },
          { op: 'add', path: 'members', value: members },
        );
        call('PUT', `${first}`, { ...body(1), title: 'Boss' });
        call('PUT', group, { schemas: [groupUrn], displayName: 'Crew 2' });
        call('POST', '/Bulk', {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
          Operations: [
            { method: 'POST', path: '/Users', bulkId: 'a', data: body(9) },
            { method: 'DELETE', path: `${first}` },
            { method: 'PATCH', path: group, data: {} },
          ],
        });
        call('POST', '/Users/.search', {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
          filter: 'title pr',
        });
        call('DELETE', `${first}`);
        call('DELETE', `${first}`);
        for (const path of ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes/User', '/Me', '/Nothing'])
          call('GET', path);

        expect(errors).toEqual([]);
        // Whatever was said, each record is whole, and groups have only members who are there.
        const ids = new Set([...people(), ...store.list('Group')].map(({ id }) => id));
        for (const { attributes } of store.list('Group'))
          for (const member of (attributes.members ?? []) as { value: string }[])
            expect(ids).toContain(member.value);
        for (const { attributes } of people()) expect(attributes.userName).toMatch(/@example\.com$/);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    'AWS IAM Identity Center',
    'Google Cloud Identity',
    'WSO2 Identity Server',
    'scimgateway',
    'Ory Polis',
    'scimmy-routers',
    'django-scim2',
  ])('play the quirks of one product together: %s', (product) => {
    const seen = quirks.filter(({ seenAt }) => seenAt.includes(product));
    expect(seen.length).toBeGreaterThan(0);
    // Releases of a product differ: where its quirks contradict each other, one of them is omitted.
    const together = seen.filter((quirk, at) =>
      seen.slice(0, at).every((before) => whyNotTogether(before, quirk) === undefined),
    );
    expect(readQuirks(together.map(({ name }) => name))).toHaveLength(together.length);
  });
});
