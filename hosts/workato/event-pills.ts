import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { type RubyValue, symbols } from './ruby.ts';

/**
 * The datapills that events of these resource types have in addition to their own, so that a recipe reads a role or a
 * member without searching the changes. parts/event_pills.rb fills them in.
 */
export function eventPills(resources: readonly ResourceDefinition[]): readonly RubyValue[] {
  const hasRoles = resources.some(({ roles }) => roles.length > 0);
  const hasMembers = resources.some(({ attributes }) => attributes.some(({ name }) => name === 'members'));
  return [
    ...(hasRoles ? [text('previous_role', 'Previous role'), text('new_role', 'New role')] : []),
    ...(hasMembers
      ? [members('members_added', 'Members added'), members('members_removed', 'Members removed')]
      : []),
  ];
}

function text(name: string, label: string): RubyValue {
  return symbols({ name, label, type: 'string' });
}

function members(name: string, label: string): RubyValue {
  const properties = [text('id', 'Member ID'), text('name', 'Member name'), text('type', 'Member type')];
  return symbols({ name, label, type: 'array', of: 'object', properties });
}
