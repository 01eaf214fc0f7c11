import type { ProvisioningEvent } from '../../connector/event.ts';
import type { SourceType } from '../../connector/manifest/source.zod.ts';
import { oktaEventHook } from './providers/okta-event-hook.ts';
import { oryPolis } from './providers/ory-polis.ts';
import { workatoActivityLog } from './providers/workato-activity-log.ts';
import { workatoAuditLog } from './providers/workato-audit-log.ts';
import { workos } from './providers/workos.ts';
import { workosEvents } from './providers/workos-events-api.ts';
import { securityEventPoll } from './set/security-event-poll.ts';
import { securityEventToken } from './set/security-event-token.ts';
import type { PullSource, PushSource } from './source.ts';

/** Every source, by its type. The set is closed: one of the manifest that is missing here does not compile. */
export const sources = Object.freeze({
  security_event_token: securityEventToken,
  security_event_poll: securityEventPoll,
  okta_event_hook: oktaEventHook,
  workos,
  workos_events: workosEvents,
  ory_polis: oryPolis,
  workato_audit_log: workatoAuditLog,
  workato_activity_log: workatoActivityLog,
}) satisfies Readonly<Record<SourceType, PushSource | PullSource>>;

/** Whether the subject of an event is identified by its SCIM ID; events of polls always are. */
export function hasScimId({ source }: ProvisioningEvent): boolean {
  return Object.values(sources).find(({ type }) => type === source)?.usesScimIds ?? true;
}
