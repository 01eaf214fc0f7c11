import { describe, expect, it } from 'vitest';
import { columnMapProblem, readColumn } from '../../../sync/column-map.ts';
import { fitReadyMap, readyMaps } from '../../../sync/ready-maps.ts';
import { suggestMap } from '../../../sync/suggest-map.ts';
import { resourceNamed } from '../../support/open-test-session.ts';

const user = resourceNamed('User');

describe('a suggested map', () => {
  it('knows what people call attributes, and asks about what it guesses', () => {
    const rows = [
      {
        userName: 'ada@example.com',
        'First Name': 'Ada',
        Surname: 'Lovelace',
        departmnt: 'Research',
        Notes: 'likes tea',
        'Workato role': 'Admin',
      },
    ];
    const { ready, columns, map } = suggestMap(user, rows);
    expect(ready).toBeUndefined();
    expect(map).toEqual({
      userName: 'userName',
      'First Name': 'name.givenName',
      Surname: 'name.familyName',
      departmnt: 'department',
      Notes: null,
      'Workato role': 'workato_role',
    });
    expect(columns.filter(({ isGuess }) => isGuess).map(({ name }) => name)).toEqual([
      'First Name',
      'Surname',
      'departmnt',
      'Notes',
    ]);
  });

  it('uses the email address as the username if there is no other', () => {
    expect(suggestMap(user, [{ 'E-Mail': 'ada@example.com' }]).map).toEqual({ 'E-Mail': 'userName' });
  });

  it('recognizes the exports of identity providers', () => {
    for (const [name, map] of Object.entries(readyMaps)) {
      const row = Object.fromEntries(Object.keys(map).map((column) => [column.toUpperCase(), '']));
      expect(suggestMap(user, [{ ...row, 'Some other column': '' }]).ready).toBe(name);
      expect(fitReadyMap(map, ['Some other column'])).toEqual({ 'Some other column': null });
    }
  });
});

describe('a ready map', () => {
  it.each(Object.entries(readyMaps))('has only columns that can be read: %s', (_, map) => {
    for (const [name, rule] of Object.entries(map))
      expect(readColumn(user, name, rule), name).toMatchObject({ name });
  });
});

describe('a map', () => {
  it.each([
    [[], 'must be an object with the names of columns'],
    [{ A: {} }, 'has a rule for "A" without an attribute'],
    [
      { A: { attribute: 'title', seperator: ',' } },
      'has a rule for "A" with "seperator", which no rule has (did you mean "separator"?)',
    ],
    [
      { A: { attribute: 'title', whenEmpty: 'no' } },
      'has a rule for "A" whose whenEmpty is neither "keep" nor "remove"',
    ],
    [{ A: { attribute: 'title', values: [] } }, 'has a rule for "A" whose values are not an object'],
    [{ A: { attribute: 'groups', separator: '' } }, 'has a rule for "A" whose separator is not a text'],
    [{ A: null, B: 'title', C: { attribute: 'groups', separator: '|' } }, undefined],
  ])('is checked before it is used: %j', (map, problem) => {
    expect(columnMapProblem(map)).toBe(problem);
  });

  it.each([
    ['givenName', 'name.givenName'],
    ['FamilyName', 'name.familyName'],
  ])('accepts the name of a part for its path: %s', (attribute, path) => {
    expect(readColumn(user, 'Column', attribute)).toMatchObject({ target: { kind: 'attribute', path } });
  });

  it.each([
    ['dept', 'Users have no attribute "dept" (did you mean "department"?).'],
    ['password', 'Plans do not carry passwords. Map the column to null.'],
    ['name', '"name" has parts. Map the column to one of them, such as "name.formatted".'],
  ])('refuses a column that cannot be %s', (attribute, problem) => {
    expect(readColumn(user, 'Column', attribute)).toBe(problem);
  });
});
