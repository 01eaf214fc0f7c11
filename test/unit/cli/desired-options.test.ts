import { describe, expect, it } from 'vitest';
import { readOwnedBy } from '../../../cli/desired-options.ts';

describe('--owned-by', () => {
  it.each([
    ['externalId:hr-', { externalIdPrefix: 'hr-' }],
    ['group:Sales: EMEA', { group: 'Sales: EMEA' }],
    ['filter:userType eq "Contractor"', { filter: 'userType eq "Contractor"' }],
    ['userType=Contractor', { attribute: 'userType', value: 'Contractor' }],
    ['isExternal=true', { attribute: 'isExternal', value: true }],
  ])('reads %s', (text, ownership) => {
    expect(readOwnedBy(text)).toEqual(ownership);
  });

  it.each(['hr-', 'externalId:', '=x', 'userType='])('refuses %s, and says what to pass', (text) => {
    expect(() => readOwnedBy(text)).toThrow(
      'Pass externalId:PREFIX, group:NAME, filter:FILTER, or ATTRIBUTE=VALUE',
    );
  });
});
