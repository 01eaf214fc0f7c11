import { describe, expect, it } from 'vitest';
import type { EventChange, EventType, ProvisioningEvent } from '../../../../connector/event.ts';
import { createSelector } from '../../../../triggers/select/event-selector.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { definition } from '../../../support/open-test-session.ts';

const role = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role';

function event(
  type: EventType,
  changes: readonly Partial<EventChange>[] = [],
  resource = 'User',
): ProvisioningEvent {
  const whole = { path: '', from: null, to: null, fromKnown: true, toKnown: true };
  return {
    id: '1',
    type,
    occurredAt: '2026-01-01T00:00:00.000Z',
    resource,
    subject: { id: '1', externalId: null, userName: null, displayName: null },
    changes: changes.map((change) => ({ ...whole, ...change })),
    data: null,
    source: 'snapshot',
    cause: null,
    isLate: false,
    dedupeKey: '1',
  };
}

function selects(key: string, input: object, one: ProvisioningEvent): boolean {
  const trigger = definition.triggers.find((candidate) => candidate.key === key);
  if (trigger === undefined) throw new Error(`There is no trigger ${key}`);
  return createSelector(definition, trigger, input as Record<string, unknown>)(one);
}

const toAdmin = { path: role, from: 'Analyst', to: 'Admin' };
const toEditor = { path: 'roles[value eq "editor"]', to: { value: 'editor' } };
const fromReader = { path: 'roles[value eq "reader"]', from: { value: 'reader' } };
const retitled = { path: 'title', from: 'Analyst', to: 'Countess' };
const joined = { path: 'members[value eq "1"]', to: { value: '1' } };

describe('the events that a trigger emits', () => {
  it.each([
    ['user_updated', {}, event('patch', [retitled]), true],
    ['user_updated', {}, event('put'), true],
    ['user_updated', {}, event('patch', [retitled], 'Group'), false],
    ['user_updated', {}, event('create'), false],
    ['user_updated', { changedAttributes: ['title'] }, event('patch', [retitled]), true],
    ['user_updated', { changedAttributes: ['TITLE'] }, event('patch', [retitled]), true],
    ['user_updated', { changedAttributes: ['emails'] }, event('patch', [retitled]), false],
    ['user_updated', { changedAttributes: ['emails'] }, event('put'), true],
    ['user_updated', { changedAttributes: ['workato_role'] }, event('patch', [toAdmin]), true],
    ['user_updated', { changedAttributes: [role] }, event('patch', [toAdmin]), true],
    ['user_updated', { changedAttributes: ['name.familyName'] }, event('patch', [{ path: 'name' }]), true],
    [
      'user_updated',
      { changedAttributes: ['urn:example:acme:badge'] },
      event('patch', [{ path: 'urn:example:acme' }]),
      true,
    ],
    ['user_role_changed', {}, event('patch', [retitled]), false],
    ['user_role_changed', {}, event('patch', [retitled, toAdmin]), true],
    ['user_role_changed', {}, event('patch', [toEditor]), true],
    ['user_role_changed', { roleTo: 'Admin' }, event('patch', [toAdmin]), true],
    ['user_role_changed', { roleTo: 'admin' }, event('patch', [toAdmin]), false],
    ['user_role_changed', { roleTo: 'Countess' }, event('patch', [retitled, toAdmin]), false],
    ['user_role_changed', { roleFrom: 'Analyst' }, event('patch', [toAdmin]), true],
    ['user_role_changed', { roleFrom: 'Operator' }, event('patch', [toAdmin]), false],
    [
      'user_role_changed',
      { roleFrom: 'Operator' },
      event('patch', [{ ...toAdmin, from: null, fromKnown: false }]),
      true,
    ],
    [
      'user_role_changed',
      { roleFrom: 'reader', roleTo: 'editor' },
      event('patch', [fromReader, toEditor]),
      true,
    ],
    ['user_role_changed', { roleTo: 'editor' }, event('patch', [fromReader]), false],
    ['user_role_changed', { roleTo: 'editor' }, event('put'), false],
    ['user_deprovisioned', {}, event('deactivate', [{ path: 'active' }]), true],
    ['user_deprovisioned', {}, event('delete'), true],
    ['user_deprovisioned', {}, event('delete', [], 'Group'), false],
    ['group_updated', {}, event('patch', [joined], 'Group'), false],
    ['group_updated', {}, event('patch', [joined, { path: 'displayName' }], 'Group'), true],
    ['group_membership_changed', {}, event('patch', [joined, { path: 'displayName' }], 'Group'), true],
    ['group_membership_changed', {}, event('patch', [{ path: 'displayName' }], 'Group'), false],
    ['group_membership_changed', {}, event('create', [], 'Group'), false],
    ['group_membership_changed', {}, event('delete', [joined], 'Group'), true],
    ['provisioning_event', {}, event('activate', [{ path: 'active' }]), true],
    ['provisioning_event', { changedAttributes: ['members'] }, event('patch', [joined], 'Group'), true],
    ['provisioning_event', { changedAttributes: ['active'] }, event('create'), false],
  ] as const)('%s %j', (key, input, one, expected) => {
    expect(selects(key, input, one)).toBe(expected);
  });

  it('reject an unknown attribute, and say what to do', async () => {
    const error = await failureOf(async () =>
      selects('user_updated', { changedAttributes: ['title', 'tittle'] }, event('put')),
    );
    expect(error.problems).toEqual([
      {
        path: 'changedAttributes[1]',
        message: 'is not an attribute of a User: use SCIM names, such as "title" or "name.familyName"',
      },
    ]);
  });
});
