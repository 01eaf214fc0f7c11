import { ConnectorError } from '../connector/errors.ts';
import type { ScimClient } from '../connector/http/scim-client.ts';
import { isRecord } from '../schemas/is-record.ts';

/** What a provider says that it can do (RFC 7643 §5), as far as actions depend on it. */
export interface Capabilities {
  /** Undefined when there is no bulk. */
  readonly bulk: { readonly maxOperations: number; readonly maxPayloadSizeBytes: number } | undefined;
}

/** Reads the capabilities; a provider that does not say has none of them. */
export async function readCapabilities(client: ScimClient): Promise<Capabilities> {
  try {
    const { body } = await client.send({ method: 'GET', path: '/ServiceProviderConfig' });
    const bulk = isRecord(body) ? body.bulk : undefined;
    if (!isRecord(bulk) || (bulk.supported !== true && bulk.supported !== 'true')) return { bulk: undefined };
    return {
      bulk: {
        maxOperations: positive(bulk.maxOperations, 100),
        maxPayloadSizeBytes: positive(bulk.maxPayloadSize, 1_048_576),
      },
    };
  } catch (error) {
    if (
      error instanceof ConnectorError &&
      (error.code === 'auth' || error.code === 'rate_limited' || error.code === 'unavailable')
    )
      throw error;
    return { bulk: undefined };
  }
}

function positive(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value > 0 ? value : otherwise;
}
