import { isRecord } from '../../schemas/is-record.ts';
import { ConnectorError, type ErrorCode } from '../errors.ts';
import type { ScimClient } from '../http/scim-client.ts';

/** What a provider says that it can do (RFC 7643 §5), as far as the connector depends on it. */
export interface Capabilities {
  /** Undefined when there is no bulk. */
  readonly bulk: { readonly maxOperations: number; readonly maxPayloadSizeBytes: number } | undefined;
  /** The largest number of results in one answer; undefined when it does not say. */
  readonly maxResults: number | undefined;
  /** Whether lists can be paged by cursor (RFC 9865 §4). */
  readonly hasCursors: boolean;
  /** What it shows of its account; undefined if it shows nothing. */
  readonly account: string | undefined;
}

const none: Capabilities = { bulk: undefined, maxResults: undefined, hasCursors: false, account: undefined };

/** Errors that say nothing about the provider's capabilities. */
const undecided: ReadonlySet<ErrorCode> = new Set(['auth', 'rate_limited', 'unavailable']);

/** Reads the capabilities; a provider that does not say has none of them. */
export async function readCapabilities(client: ScimClient): Promise<Capabilities> {
  try {
    const { body } = await client.send({ method: 'GET', path: '/ServiceProviderConfig' });
    if (!isRecord(body)) return none;
    const { bulk, filter, pagination } = body;
    return {
      bulk: isRecord(bulk) && isTrue(bulk.supported) ? bulkOf(bulk) : undefined,
      maxResults: isRecord(filter) ? positive(filter.maxResults) : undefined,
      hasCursors: isRecord(pagination) && isTrue(pagination.cursor),
      account: accountIn(body),
    };
  } catch (error) {
    if (error instanceof ConnectorError && !undecided.has(error.code)) return none;
    throw error;
  }
}

/**
 * What a configuration shows of the account that it belongs to. That is an assumption: RFC 7643 has no attribute for an
 * account, but a provider can give the resource an ID (§3.1), and its `meta.location` often names the tenant.
 */
function accountIn({ id, meta }: Readonly<Record<string, unknown>>): string | undefined {
  const location = isRecord(meta) ? meta.location : undefined;
  const shown = [id, location].filter((one) => typeof one === 'string' && one !== '');
  return shown.length === 0 ? undefined : shown.join(' ');
}

function bulkOf(bulk: Readonly<Record<string, unknown>>): Capabilities['bulk'] {
  return {
    maxOperations: positive(bulk.maxOperations) ?? 100,
    maxPayloadSizeBytes: positive(bulk.maxPayloadSize) ?? 1_048_576,
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
