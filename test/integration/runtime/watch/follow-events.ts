import { expect } from 'vitest';
import type { ProvisioningEvent } from '../../../../runtime/index.ts';
import { foldEvents, type Knowledge } from '../../../support/oracles/fold-events.ts';

/** Whether a poll of the provider has found an event. */
export function isPolled({ source }: ProvisioningEvent): boolean {
  return source === 'snapshot';
}

/** Each event is a change from the known state: no event repeats the known state or reports a false one. */
export function follow(before: Knowledge, events: readonly ProvisioningEvent[]): Knowledge {
  let known = before;
  for (const event of events) {
    const { type, resource, subject, changes } = event;
    const was = known.get(`${resource}/${subject.id}`);
    expect(was !== undefined, `${type} of ${subject.id}`).toBe(type !== 'create');
    if (type === 'deactivate') expect(was?.active).not.toBe(false);
    if (type === 'activate') expect(was?.active).toBe(false);
    if (type === 'patch') expect(changes.length).toBeGreaterThan(0);
    known = foldEvents(known, [event]);
  }
  return known;
}

/** The workspace does not report a group that loses a member because that one was deleted: it follows from the deletion. */
export function withoutDeletedMembers(known: Knowledge): Knowledge {
  const isKnown = ({ value }: { readonly value: string }): boolean => known.has(`User/${value}`);
  return new Map(
    [...known].map(([key, { members, ...rest }]) => [
      key,
      Array.isArray(members) ? { ...rest, members: members.filter(isKnown) } : rest,
    ]),
  );
}
