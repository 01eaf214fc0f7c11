import { describe, expect, it } from 'vitest';
import { didYouMean } from '../../../schemas/did-you-mean.ts';

const known = ['userName', 'givenName', 'displayName', 'department', 'division', 'title', 'deprecated'];

describe('didYouMean', () => {
  it.each([
    ['username', 'userName'],
    ['user_nam', 'userName'],
    ['titel', 'title'],
    ['dept', 'department'],
    ['disp', 'displayName'],
    ['div', 'division'],
    ['given', 'givenName'],
  ])('suggests for "%s" the name "%s"', (given, name) => {
    expect(didYouMean(given, known)).toBe(` (did you mean "${name}"?)`);
  });

  it('suggests the most similar name, not the first one that is similar', () => {
    expect(didYouMean('workato_role_prd', ['workato_role_dev', 'workato_role_prod'])).toContain('_prod');
  });

  it('suggests the name that contains the given one, unless several do', () => {
    const triggers = ['user_role_changed', 'user_created', 'group_created'];
    expect(didYouMean('role_changed', triggers)).toContain('"user_role_changed"');
    expect(didYouMean('created', triggers)).toBe('');
  });

  it.each(['de', 'salary', 'nameOfUser', 'amt'])('suggests nothing for "%s"', (given) => {
    expect(didYouMean(given, known)).toBe('');
  });
});
