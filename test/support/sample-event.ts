import type { ProvisioningEvent } from '../../connector/event.ts';

/** An event about a user, different for each key. */
export function sampleEvent(dedupeKey: string, parts: Partial<ProvisioningEvent> = {}): ProvisioningEvent {
  return {
    id: dedupeKey,
    type: 'patch',
    occurredAt: '2026-01-01T00:00:00.000Z',
    resource: 'User',
    subject: { id: 'ada', externalId: null, userName: 'ada@example.com', displayName: 'Ada' },
    changes: [{ path: 'title', from: 'Analyst', to: dedupeKey, fromKnown: true, toKnown: true }],
    data: { id: 'ada', userName: 'ada@example.com', title: dedupeKey },
    source: 'snapshot',
    cause: null,
    isLate: false,
    dedupeKey,
    ...parts,
  };
}
