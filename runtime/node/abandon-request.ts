import type { ClientRequest } from 'node:http';

/** The event that an abandoned request emits. */
export const abandonedEvent = 'abandoned';

/**
 * Destroys a request in any state. Node emits no event for a request without a socket, such as one that waits for a proxy
 * tunnel. The event ends that wait.
 */
export function abandonRequest(request: ClientRequest): void {
  request.destroy();
  request.emit(abandonedEvent);
}
