import { describe, expect, it } from 'vitest';
import {
  fitsEqualities,
  formatEqualities,
  onlyFitting,
} from '../../../../connector/provider/equality-filter.ts';
import { resourceNamed } from '../../../support/open-test-session.ts';

const user = resourceNamed('User');
const fits = (resource: object, path: string, value: string | boolean) =>
  fitsEqualities(user, { id: '1', ...resource }, [{ path, value }]);

describe('fitsEqualities', () => {
  it.each([
    [{ userName: 'ADA' }, 'userName', 'ada', true],
    [{ userName: 'Bob' }, 'userName', 'ada', false],
    [{}, 'userName', 'ada', undefined],
    [{ externalId: 'A' }, 'externalId', 'a', false],
    [{ externalId: 'a' }, 'externalId', 'a', true],
    [{ active: false }, 'active', false, true],
    [{ active: true }, 'active', false, false],
    [{ emails: [{ value: 'x' }, { value: 'A@B' }] }, 'emails.value', 'a@b', true],
    [{ emails: [{ value: 'x' }] }, 'emails.value', 'a@b', false],
    [{ emails: [] }, 'emails.value', 'a@b', undefined],
    [{ title: 5 }, 'title', '5', true],
    [{ title: 5 }, 'title', '05', false],
    [{ title: 2 ** 53 }, 'title', String(2 ** 53), false],
  ])('%j with %s "%s": %s', (resource, path, value, expected) => {
    expect(fits(resource, path, value)).toBe(expected);
  });

  it('is undefined if an attribute is not shown, and false if one does not match', () => {
    const equalities = [
      { path: 'userName', value: 'ada' },
      { path: 'title', value: 'x' },
    ];
    expect(fitsEqualities(user, { id: '1', userName: 'ada' }, equalities)).toBeUndefined();
    expect(fitsEqualities(user, { id: '1', title: 'y' }, equalities)).toBe(false);
  });
});

describe('onlyFitting', () => {
  const equalities = [{ path: 'title', value: 'x' }];
  const yes = { id: '1', title: 'X' };
  const no = { id: '2', title: 'y' };
  const unknown = { id: '3' };

  it.each([
    ['those who show it', [yes, no], [yes]],
    ['those who do not show it, on trust', [yes, unknown], [yes, unknown]],
    ['no untested user next to one who does not match', [yes, no, unknown], [yes]],
    ['nobody of nobody', [], []],
  ])('are %s', (_, all, fitting) => {
    expect(onlyFitting(user, all, equalities)).toEqual(fitting);
  });

  it('returns everyone without equalities', () => {
    expect(onlyFitting(user, [yes, no, unknown], [])).toEqual([yes, no, unknown]);
  });
});

describe('formatEqualities', () => {
  it('joins equalities with "and", with each value as JSON', () => {
    const text = formatEqualities([
      { path: 'userName', value: 'a"b\\c\n' },
      { path: 'active', value: true },
      { path: 'x', value: null },
      { path: 'n', value: 1.5 },
    ]);
    expect(text).toBe('userName eq "a\\"b\\\\c\\n" and active eq true and x eq null and n eq 1.5');
  });
});
