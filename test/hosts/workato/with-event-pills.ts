import type { ProvisioningEvent } from '../../../connector/event.ts';
import { withFieldNames } from '../../../hosts/workato/field-names.ts';
import { definition } from '../../support/open-test-session.ts';

type Change = ProvisioningEvent['changes'][number];

/** Events as the library returns them, with the names and in the format of Workato's datapills. */
export function withEventPills(events: readonly ProvisioningEvent[]): readonly unknown[] {
  return events.map((event) => withFieldNames({ ...event, ...pillsOf(event) }));
}

function pillsOf({ resource, changes }: ProvisioningEvent): object {
  const { roles = [], attributes = [] } = definition.resources[resource] ?? {};
  const ofRoles = changes.filter(({ path }) =>
    roles.some((role) => path === role || path.startsWith(`${role}[`)),
  );
  const hasMembers = attributes.some(({ name }) => name === 'members');
  return {
    changes: changes.map((change) => ({ ...change, from: textOf(change.from), to: textOf(change.to) })),
    ...(roles.length > 0 && {
      previous_role: rolesIn(ofRoles.map(({ from }) => from)),
      new_role: rolesIn(ofRoles.map(({ to }) => to)),
    }),
    ...(hasMembers && {
      members_added: membersIn(changes.filter(({ from, to }) => isNothing(from) && !isNothing(to))),
      members_removed: membersIn(changes.filter(({ to, toKnown }) => isNothing(to) && toKnown)),
    }),
  };
}

const isNothing = (value: unknown): boolean => value === null || value === undefined;

function textOf(value: unknown): string | null {
  if (isNothing(value)) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function rolesIn(values: readonly unknown[]): string | null {
  const roles = values
    .flat()
    .map((value) => (value as { readonly value?: unknown } | null)?.value ?? value)
    .filter((value) => !isNothing(value) && value !== '');
  return roles.length === 0 ? null : [...new Set(roles)].join(', ');
}

function membersIn(changes: readonly Change[]): readonly object[] {
  return changes.flatMap(({ path, from, to }) => {
    const id = /^members\[value eq (".*")\]$/s.exec(path)?.[1];
    const shown = [to, from].find((value) => typeof value === 'object' && value !== null) as
      | { readonly display?: string; readonly type?: string }
      | undefined;
    return id === undefined
      ? []
      : [{ id: JSON.parse(id), name: shown?.display ?? null, type: shown?.type ?? null }];
  });
}
