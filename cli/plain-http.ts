import { findPublicAddress, type Resolve } from '../runtime/node/private-hosts.ts';
import { UsageError } from './errors.ts';

/** A receiver that may be posted to without encryption. */
export interface PlainReceiver {
  /** The option, or the place in the config file. */
  readonly where: string;
  readonly url: string;
}

/**
 * Refuses receivers whose names have public addresses: plain http is for private networks. A name that does not exist
 * yet, such as that of a service that starts later, is checked before each delivery.
 *
 * @throws UsageError
 */
export async function refusePublicReceivers(
  receivers: readonly PlainReceiver[],
  resolve?: Resolve,
): Promise<void> {
  for (const { where, url } of receivers) {
    const { protocol, hostname } = new URL(url);
    const address = protocol === 'http:' ? await findPublicAddress(url, resolve) : undefined;
    if (address !== undefined)
      throw new UsageError(
        `${where} would send events without encryption to ${hostname}, which has the public address ${address}. Use https://.`,
      );
  }
}
