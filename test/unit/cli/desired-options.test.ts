import { describe, expect, it } from 'vitest';
import { readMap, readOwnedBy } from '../../../cli/desired-options.ts';
import { type ReadyMapName, readyMaps } from '../../../sync/ready-maps.ts';

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

describe('--map with the name of an identity provider', () => {
  const names = Object.keys(readyMaps) as ReadyMapName[];

  it.each(names.flatMap((map) => names.map((source) => [map, source] as const)))(
    'reads with the map of %s only its own exports: that of %s',
    (map, source) => {
      const columns = Object.keys(readyMaps[source]);
      const read = () => readMap(map, { users: [], columns });
      if (map === source) expect(Object.values(read().map ?? {})).toContain('userName');
      else
        expect(read).toThrow(
          `, and the source does not have it. The columns look like an export that "--map ${source}" can read.`,
        );
    },
  );
});
