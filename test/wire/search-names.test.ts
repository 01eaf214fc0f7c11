import { describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import { onTheWire } from '../support/wire.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const ada = {
  id: '1',
  userName: 'ada@example.com',
  [enterprise]: { department: 'R&D' },
  [workato]: { workato_role: 'Admin' },
};
const listOf = (...Resources: readonly unknown[]) => ({
  body: { totalResults: Resources.length, Resources },
});
const end = { body: { totalResults: 1, Resources: [] } };

const queryOf = (line = ''): URLSearchParams => new URL(line.replace('GET ', ''), 'https://x').searchParams;

describe('attributes of a search', () => {
  it.each([
    ['workato_role eq "Admin"', `${workato}:workato_role eq "Admin"`],
    ['department eq "R&D"', `${enterprise}:department eq "R&D"`],
    [
      'USERNAME sw "a" and not (department eq "x")',
      `userName sw "a" and not (${enterprise}:department eq "x")`,
    ],
    ['emails[type eq "work"].value pr', 'emails[type eq "work"].value pr'],
  ])('have their full names in the filter %s', async (filter, sent) => {
    const { lines } = await onTheWire([listOf(ada), end], ({ actions }) => actions.search_users({ filter }));

    expect(queryOf(lines[0]).get('filter')).toBe(sent);
  });

  it('have their full names in attributes and sortBy', async () => {
    const { lines } = await onTheWire([listOf(ada), end], ({ actions }) =>
      actions.search_users({ attributes: ['userName', 'workato_role'], sortBy: 'department' }),
    );

    expect(queryOf(lines[0]).get('attributes')).toBe(`userName,${workato}:workato_role`);
    expect(queryOf(lines[0]).get('sortBy')).toBe(`${enterprise}:department`);
  });

  it.each([
    ['filter', { filter: 'departmnet eq "R&D"' }, 'department'],
    ['attributes[1]', { attributes: ['userName', 'emals'] }, 'emails'],
    ['excludedAttributes[0]', { excludedAttributes: ['memebers'] }, ''],
    ['sortBy', { sortBy: 'usrName' }, 'userName'],
  ])('are rejected in %s if no user has them, and nothing is sent', async (path, input, meant) => {
    const { output } = await onTheWire([], ({ actions }) => failureOf(actions.search_users(input)));

    expect(output).toMatchObject({ code: 'invalid_input', problems: [{ path }] });
    expect(String(output)).toContain(meant);
  });

  it('are accepted in an extension without a schema', async () => {
    const filter = 'urn:example:2.0:User:badge eq "7"';

    const { lines } = await onTheWire([listOf(), listOf(), listOf(ada), end], ({ actions }) =>
      actions.search_users({ filter }),
    );

    expect(queryOf(lines[0]).get('filter')).toBe(filter);
  });
});

describe('a raw filter that the provider ignores', () => {
  it('still returns matching users only', async () => {
    const bob = { id: '2', userName: 'bob@example.com', active: false };

    const { output } = await onTheWire(
      [listOf({ ...ada, active: true }, bob), { body: { totalResults: 2, Resources: [] } }],
      ({ actions }) => actions.search_users({ filter: 'active eq true' }),
    );

    expect(output).toMatchObject({ totalResults: 1, resources: [{ id: '1' }] });
  });
});
