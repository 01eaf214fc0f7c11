import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { Received } from '../source.ts';

/** A message that is taken, with an empty answer. @param status what tells this sender never to send it again. */
export function accepted(events: readonly ProvisioningEvent[], status: 200 | 202 | 204): Received {
  return { kind: 'accepted', events, reply: { status, headers: {}, body: '' } };
}
