import { expect, it } from 'vitest';
import type { DryRunChange } from '../../../connector/generated/types.ts';
import { removesAccess } from '../../../hosts/mcp/removes-access.ts';
import { definition } from '../../support/open-test-session.ts';

const role = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role_prod';

function removes(change: Partial<DryRunChange>): boolean {
  const whole = {
    kind: 'update',
    resource: 'User',
    id: '1',
    name: null,
    path: null,
    from: null,
    to: null,
  } as const;
  return removesAccess({ changes: [{ ...whole, ...change }] }, definition);
}

it.each<Partial<DryRunChange>>([
  { kind: 'delete' },
  { path: 'active', from: true, to: false },
  { path: 'active', from: null, to: false },
  { path: 'active', from: true, to: null },
  { path: role, from: 'Admin', to: 'NoAccess' },
  { path: role, from: 'Admin', to: null },
  { path: 'roles', from: [{ value: 'a' }, { value: 'b' }], to: [{ value: 'a' }] },
  { path: 'roles[value eq "a"]', from: { value: 'a' }, to: null },
  { resource: 'Group', path: 'members[value eq "1"]', from: { value: '1' }, to: null },
  { resource: 'Group', path: 'members', from: [{ value: '1' }], to: [] },
])('finds that access is removed by the change %o', (change) => {
  expect(removes(change)).toBe(true);
});

it.each<Partial<DryRunChange>>([
  { kind: 'create', path: 'active', from: null, to: false },
  { path: 'active', from: false, to: true },
  { path: 'active', from: false, to: null },
  { path: role, from: 'Analyst', to: 'Admin' },
  { path: role, from: 'NoAccess', to: null },
  { path: role, from: null, to: 'Admin' },
  { path: 'title', from: 'Analyst', to: null },
  { resource: 'Group', path: 'members[value eq "1"]', from: null, to: { value: '1' } },
])('finds that no access is removed by the change %o', (change) => {
  expect(removes(change)).toBe(false);
});
