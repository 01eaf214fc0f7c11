import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../connector/resource.ts';
import { diffResources } from '../../../scim/diff.ts';
import { differencesToOperations } from '../../../scim/patch/build-operations.ts';
import { changesBetween } from '../../../triggers/changes.ts';
import { resourceNamed } from '../../support/open-test-session.ts';
import { differNaively, sorted } from '../../support/oracles/diff-oracle.ts';
import { readNaively } from '../../support/oracles/path-oracle.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const word = fc.constantFrom('a', 'b', 'c', null);
const email = fc.record({ value: fc.constantFrom('a', 'b'), type: word });
const user: fc.Arbitrary<Resource> = fc.record(
  {
    id: fc.constant('u1'),
    schemas: fc.array(word, { maxLength: 2 }),
    meta: fc.record({ version: fc.constantFrom('1', '2') }),
    title: word,
    active: fc.constantFrom(true, false, null),
    name: fc.record({ givenName: word, familyName: word }, { requiredKeys: [] }),
    emails: fc.array(email, { maxLength: 3 }),
    [enterprise]: fc.record(
      { department: word, manager: fc.record({ value: word, displayName: word }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['id'] },
) as fc.Arbitrary<Resource>;
const member = fc.record(
  { value: fc.constantFrom('u1', 'u2', 'a"b', 'a]b\\'), display: fc.constantFrom('X', 'Y') },
  { requiredKeys: ['value'] },
);
const members = fc.uniqueArray(member, { maxLength: 4, selector: ({ value }) => value });
const group: fc.Arbitrary<Resource> = fc.record(
  { id: fc.constant('g1'), displayName: word, members },
  { requiredKeys: ['id'] },
) as fc.Arbitrary<Resource>;

describe('the changes between two states', () => {
  it.each([
    ['User', user],
    ['Group', group],
  ] as const)('of a %s are those that the oracle finds', (kind, any) => {
    const definition = resourceNamed(kind);
    fc.assert(
      fc.property(any, any, (before, after) => {
        const changes = changesBetween(definition, before, after);
        const found = Object.fromEntries(
          changes.map(({ path, from, to }) => {
            const { item } = path.startsWith('members[') ? readNaively(definition, path) : {};
            const key = item === undefined ? path : `members[value eq "${item}"]`;
            return [key, [sorted(from), sorted(to)]];
          }),
        );
        expect(found).toEqual(differNaively(definition, before, after));
        expect(changes).toHaveLength(Object.keys(found).length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the operations for the changes between two states', () => {
  it('lead from one version to the other', () => {
    const definition = resourceNamed('Group');
    fc.assert(
      fc.property(group, group, (before, after) => {
        const differences = diffResources(before, after, { itemLists: new Set(['members']), exact: true });
        const state: Record<string, unknown> = structuredClone(before);
        for (const { op, path, value } of differencesToOperations(differences)) {
          const { keys, item } = readNaively(definition, path);
          const [key = ''] = keys;
          const items = (state[key] ?? []) as { readonly value: string }[];
          if (item !== undefined)
            state[key] = items.flatMap((one) =>
              one.value !== item ? [one] : op === 'remove' ? [] : [value],
            );
          else if (op === 'add' && key === 'members') state[key] = [...items, ...(value as typeof items)];
          else if (op === 'remove') delete state[key];
          else state[key] = value;
        }
        expect(byId(state)).toEqual(byId(after));
      }),
      { numRuns: 1000 },
    );
  });
});

/** Members are a set, and an empty set means no members. */
function byId({ members: list, displayName }: Readonly<Record<string, unknown>>): unknown {
  const all = (list ?? []) as { readonly value: string }[];
  return { displayName: displayName ?? null, members: all.map(sorted).toSorted() };
}
