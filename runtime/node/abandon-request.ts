import type { ClientRequest } from 'node:http';

/** The event of a request that has been abandoned. */
export const abandonedEvent = 'abandoned';

/**
 * Destroys a request, wherever it is. Node emits nothing for one that has no socket yet, and that is what a request is
 * while a proxy makes its tunnel: the event ends the wait for the tunnel.
 */
export function abandonRequest(request: ClientRequest): void {
  request.destroy();
  request.emit(abandonedEvent);
}
