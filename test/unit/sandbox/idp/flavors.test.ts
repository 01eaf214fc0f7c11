import { describe, expect, it } from 'vitest';
import { flavorNames } from '../../../../sandbox/idp/flavor.ts';
import { flavors } from '../../../../sandbox/idp/flavors.ts';
import { expectedRequests } from '../../../integration/sandbox/idp/expected-requests.ts';

describe.each(flavorNames)('the table of %s', (name) => {
  const { requests, procedures } = flavors[name];
  const sent = Object.values(procedures).flat();

  it('names a source for each request, or marks it as an assumption', () => {
    for (const { source } of Object.values(requests)) {
      expect(source).toMatch(
        /^(assumption: |(developer\.okta|learn\.microsoft|docs\.workato|developers\.onelogin|github)\.com\/)/,
      );
    }
  });

  it('has exactly the requests that the steps send', () => {
    expect(new Set(sent.map(({ send }) => send))).toEqual(new Set(Object.keys(requests)));
  });

  it('has a literal request for every row', () => {
    const lines = Object.values(expectedRequests[name])
      .flat()
      .map(([line]) => line.replace(/\$[A-Z]+/g, '{id}').replace(/%22.*?%22/, '%22{name}%22'));
    for (const { method, path } of Object.values(requests)) {
      expect(lines).toContain(`${method} ${path.replace(/%22.*?%22/, '%22{name}%22')}`);
    }
  });

  it('uses in each step only values of earlier steps', () => {
    for (const steps of Object.values(procedures)) {
      let isRead = false;
      for (const { send } of steps) {
        const row = requests[send];
        if (JSON.stringify(row?.body ?? '').includes('"$over"')) expect(isRead).toBe(true);
        isRead ||= row?.answer === 'current';
      }
    }
  });
});

it('pins the names that scripts use', () => {
  expect(flavorNames).toEqual(['okta', 'okta-put', 'entra', 'entra-flag', 'onelogin']);
});

it('creates IDs in the formats of the vendors', () => {
  expect(flavors.okta.newId('user')).toMatch(/^00u[0-9a-f]{17}$/);
  expect(flavors.okta.newId('group')).toMatch(/^00g[0-9a-f]{17}$/);
  expect(flavors.entra.newId('user')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(flavors.onelogin.newId('user')).toMatch(/^\d{9}$/);
});
