import type { ConnectionInput } from '../../connector/connection.ts';
import { readConnection } from '../../connector/connection.ts';
import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { createScimClient } from '../../connector/http/scim-client.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { openSession, type Session } from '../../runtime/open-session.ts';
import { repeatWith } from './fake-platform.ts';
import { createSkippingClock } from './skipping-clock.ts';

/** A session over real HTTP, which has learned nothing yet. */
export interface SkippingSession {
  readonly session: Session;
  close(): void;
}

/** Opens a session of the library whose waits skip the time, as those of the Ruby driver do. */
export function openSkippingSession(
  definition: ConnectorDefinition,
  input: ConnectionInput,
): SkippingSession {
  const connection = readConnection(definition.connection.schema, input);
  const node = createNodePlatform();
  const clock = createSkippingClock();
  const platform = {
    ...node,
    ...clock,
    retry: <T>(attempt: (number: number) => Promise<T>, signal?: AbortSignal) =>
      repeatWith(clock, attempt, signal),
  };
  return {
    session: openSession(definition, platform, createScimClient(connection, platform)),
    close: node.close,
  };
}
