import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { ScimClient } from '../connector/http/scim-client.ts';
import { noSuchList, readList } from '../connector/provider/read-list.ts';

/**
 * Verifies that there is a SCIM service at the base URL, after a 404 that can mean a wrong URL, where every resource
 * would look deleted. A service that rejects the list with another error exists.
 *
 * @throws ConnectorError `provider_fault` if it is not a SCIM service; `auth` and `unavailable` unchanged.
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
