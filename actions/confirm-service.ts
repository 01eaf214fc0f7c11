import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { ScimClient } from '../connector/http/scim-client.ts';
import { noSuchList, readList } from '../connector/provider/read-list.ts';

/**
 * Makes sure that a SCIM service is at the base URL, after a 404 that may only mean a wrong address: there, everyone
 * would look deleted. A service that answers the list with another rejection is there anyway.
 *
 * @throws ConnectorError `provider_fault` when none is there; `auth` and `unavailable` as they come.
 */
export async function confirmService(client: ScimClient, { endpoint }: ResourceDefinition): Promise<void> {
  try {
    const answer = await client
      .send({ method: 'GET', path: endpoint, query: { count: '1' } })
      .catch(noSuchList);
    readList(answer.body);
  } catch (error) {
    const isThere =
      error instanceof ConnectorError &&
      (error.code === 'forbidden' || error.code === 'invalid_input' || error.code === 'unsupported');
    if (!isThere) throw error;
  }
}
