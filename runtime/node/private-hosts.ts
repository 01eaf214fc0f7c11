import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { ConnectorError } from '../../connector/errors.ts';

/** The addresses that no router of the internet forwards: RFC 1918, RFC 4193, link-local ones, and this machine. */
const privateAddresses = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const)
  privateAddresses.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
] as const)
  privateAddresses.addSubnet(network, prefix, 'ipv6');

function isPrivateAddress(address: string): boolean {
  return privateAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Finds the addresses of a name. */
export type Resolve = (name: string) => Promise<readonly { readonly address: string }[]>;

const resolveAll: Resolve = (name) => lookup(name, { all: true });

/** The host of a URL without the brackets of an IPv6 address. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

/** Whether the host of a URL is an address that is not private. A name can have any address. */
export function hasPublicAddress(url: string): boolean {
  const host = hostOf(url);
  return isIP(host) !== 0 && !isPrivateAddress(host);
}

/**
 * The first address of a URL's host that is not private; undefined if all are, or if the name cannot be resolved: then
 * nothing can be sent there, either.
 */
export async function findPublicAddress(
  url: string,
  resolve: Resolve = resolveAll,
): Promise<string | undefined> {
  const host = hostOf(url);
  const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [{ address: host }];
  return addresses.find(({ address }) => !isPrivateAddress(address))?.address;
}

/**
 * Checks before a delivery without encryption that it stays in a private network.
 *
 * @throws ConnectorError `forbidden` if the name has a public address by now
 */
export async function assertPrivateHost(url: string, resolve?: Resolve): Promise<void> {
  const address = await findPublicAddress(url, resolve);
  if (address === undefined) return;
  throw new ConnectorError('forbidden', {
    what: `The receiver at ${new URL(url).origin} has the public address ${address}. The event was not sent, because it would not be encrypted, and stays in the queue.`,
    nextStep: 'Use https://, or correct the DNS entry.',
  });
}
