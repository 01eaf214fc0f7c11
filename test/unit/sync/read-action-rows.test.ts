import { describe, expect, it } from 'vitest';
import type { ColumnMap } from '../../../sync/column-map.ts';
import { type ActionRows, readActionRows } from '../../../sync/read-action-rows.ts';
import { actionOf, resourceNamed } from '../../support/open-test-session.ts';

const user = resourceNamed('User');
type Cells = Readonly<Record<string, string>>;

function read(key: string, rows: readonly Cells[], map?: ColumnMap): ActionRows {
  return readActionRows(user, actionOf(key), {
    source: 'people.csv',
    rows,
    map,
    numbers: rows.map((_, at) => at + 2),
  });
}

describe('rows of a sheet for an action', () => {
  it('have the fields of the action, by key, by path, or by the name of a part', () => {
    const { rows, numbers, problems } = read('upsert_user', [
      {
        userName: ' ada@example.com ',
        givenName: 'Ada',
        'name.familyName': 'Lovelace',
        emails: 'ada@example.com;a@example.com',
        active: 'no',
        department: 'Research',
        workato_role: '',
      },
    ]);
    expect({ numbers, problems }).toEqual({ numbers: [2], problems: [] });
    expect(rows).toEqual([
      {
        userName: 'ada@example.com',
        name: { givenName: 'Ada', familyName: 'Lovelace' },
        emails: [
          { type: 'work', primary: true, value: 'ada@example.com' },
          { type: 'work', primary: false, value: 'a@example.com' },
        ],
        active: false,
        department: 'Research',
      },
    ]);
  });

  it('put the columns of one address together', () => {
    const cells = { userName: 'ada', city: 'London', street: 'St James Square' };
    const { rows } = read('create_user', [cells], {
      city: 'addresses[type eq "work"].locality',
      street: 'addresses[type eq "work"].streetAddress',
    });
    expect(rows).toEqual([
      {
        userName: 'ada',
        addresses: [{ type: 'work', locality: 'London', streetAddress: 'St James Square' }],
      },
    ]);
  });

  it('identify their user, and set the own fields of the action', () => {
    const cells = { email: 'ada@example.com', role: 'Admin', environment: 'prod' };
    expect(read('set_workato_role', [cells]).rows).toEqual([cells]);
  });

  it('remove a value only if the map says so', () => {
    const map: ColumnMap = { Job: { attribute: 'title', whenEmpty: 'remove' } };
    expect(read('update_user', [{ userName: 'ada', Job: '', department: '' }], map).rows).toEqual([
      { userName: 'ada', title: null },
    ]);
  });

  it('stop no other row if one of their cells cannot be read, and name the user', () => {
    const { rows, numbers, problems } = read('upsert_user', [
      { userName: 'ada', active: 'perhaps' },
      { userName: '', active: '' },
      { userName: 'bob', active: 'yes' },
    ]);
    expect({ rows, numbers }).toEqual({ rows: [{ userName: 'bob', active: true }], numbers: [4] });
    expect(problems).toEqual([
      { number: 2, name: 'ada', message: expect.stringContaining('active: "perhaps" is not true or false') },
    ]);
  });

  it.each([
    ['a misspelled column', 'upsert_user', { userNam: 'ada' }, 'did you mean "userName"'],
    [
      'a column that the action does not have',
      'deactivate_user',
      { userName: 'a', title: 'x' },
      'has no field "title"',
    ],
    [
      'groups, which plans set',
      'upsert_user',
      { userName: 'a', groups: 'x' },
      'Groups are set by "rolecall plan"',
    ],
    [
      'managers by name, which plans set',
      'update_user',
      { userName: 'a', manager: 'x' },
      'Managers are set by',
    ],
    ['read-only values', 'upsert_user', { userName: 'a', 'meta.created': 'x' }, 'read-only'],
  ])('are refused with %s', (_, key, cells, words) => {
    expect(() => read(key, [cells as unknown as Cells])).toThrow(words);
  });

  it('are refused if the map has a column that the sheet does not', () => {
    expect(() => read('upsert_user', [{ userName: 'a' }], { Login: 'userName' })).toThrow(
      '"Login": The map has this column, and the source does not.',
    );
  });
});
