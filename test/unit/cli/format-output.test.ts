import { expect, it } from 'vitest';
import { formatOutput } from '../../../cli/format-output.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const screen = { isScreen: true, columns: 120 };

it('heads the columns with the names of attributes, also of those in extensions', () => {
  const ada = {
    schemas: [enterprise],
    userName: 'ada',
    [enterprise]: { department: 'Math' },
    'urn:acme:1.0:User:grade': 3,
  };
  const grace = { userName: 'grace', active: true };
  expect(formatOutput({ resources: [ada, grace], totalResults: 2 }, screen, false)).toEqual([
    'userName  grade  active  department',
    'ada       3              Math',
    'grace            true',
    '',
    'totalResults: 2',
  ]);
});

it('prints JSON for scripts', () => {
  const output = { resources: [{ userName: 'ada' }] };
  expect(formatOutput(output, { ...screen, isScreen: false }, false)).toEqual([JSON.stringify(output)]);
  expect(formatOutput(output, screen, true)).toEqual([JSON.stringify(output)]);
});
