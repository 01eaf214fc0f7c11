import { eventNames, manualSource, resourceTypesOfEvents, workspaceIdentity } from '../../assumptions.ts';
import type { Change } from '../../scim/resource/resource-record.ts';
import { type Actor, recordEvent } from '../audit/audit-event.ts';
import type { WorkspaceData } from '../open-workspace-data.ts';
import type { KeyRing } from './create-key-ring.ts';
import type { EventAlgorithm } from './event-algorithm.ts';

/** Switches to a new signing key, and records it in the audit log. */
export function rotateKey(
  data: WorkspaceData,
  keyRing: KeyRing,
  algorithm: EventAlgorithm,
  actor: Actor,
): readonly Change[] {
  const before = keyRing.current();
  const { key, change } = keyRing.rotate(algorithm);
  return [
    change,
    recordEvent(data, {
      event: eventNames.eventKeyRotated,
      user: actor,
      resource: { ...workspaceIdentity, type: resourceTypesOfEvents.workspace },
      details: {
        source: manualSource,
        before: { kid: before.kid, algorithm: before.algorithm },
        after: { kid: key.kid, algorithm: key.algorithm },
      },
    }),
  ];
}
