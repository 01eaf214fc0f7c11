import { lookup as lookUp } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
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

/** The other addresses that are not a public host's (the special-purpose registries of IANA). */
const reservedAddresses = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['100.64.0.0', 10],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  reservedAddresses.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 128],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  reservedAddresses.addSubnet(network, prefix, 'ipv6');

/** RFC 6052: NAT64 has an IPv4 address in the last 32 bits. */
const translated = /^64:ff9b::(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/i;

/** The address that a translator forwards to, if it is one of those. */
function untranslated(address: string): string {
  const [found, high = '0', low = '0'] = translated.exec(address) ?? [];
  if (found === undefined) return address;
  const [one, other] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 255, other >> 8, other & 255].join('.');
}

function isPublicAddress(given: string): boolean {
  const address = untranslated(given);
  return (
    !isPrivateAddress(address) && !reservedAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  );
}

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
  return (await addressesOf(url, resolve)).find((address) => !isPrivateAddress(address));
}

/** The first address of a URL's host that is not public; undefined if all are, or if the name cannot be resolved. */
export async function findPrivateAddress(
  url: string,
  resolve: Resolve = resolveAll,
): Promise<string | undefined> {
  return (await addressesOf(url, resolve)).find((address) => !isPublicAddress(address));
}

async function addressesOf(url: string, resolve: Resolve): Promise<readonly string[]> {
  const host = hostOf(url);
  if (isIP(host) !== 0) return [host];
  return (await resolve(host).catch(() => [])).map(({ address }) => address);
}

/**
 * Checks before a delivery to a URL that someone else has chosen that it leaves the private network.
 *
 * @throws ConnectorError `forbidden` if the name has another address by now
 */
export async function assertPublicHost(url: string, resolve?: Resolve): Promise<void> {
  if ((await findPrivateAddress(url, resolve)) === undefined) return;
  throw new ConnectorError('forbidden', {
    what: `The receiver at ${new URL(url).origin} has no public address. The event was not sent, and stays in the queue.`,
    nextStep: 'Correct the DNS entry, or allow private addresses.',
  });
}

/**
 * Resolves names as Node does, and fails with the code `EHOSTUNREACH` if an address is not public: a name that was checked
 * before can have another address when a connection is opened.
 */
export const lookUpPublic: LookupFunction = (name, options, callback) => {
  lookUp(name, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) callback(error, []);
    else if (!addresses.every(({ address }) => isPublicAddress(address)))
      callback(Object.assign(new Error('The address is not public'), { code: 'EHOSTUNREACH' }), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

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
