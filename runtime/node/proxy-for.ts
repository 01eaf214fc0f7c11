import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { isLoopback } from '../../connector/is-loopback.ts';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the proxy for a URL from the environment, by curl's rules: `https_proxy`, `http_proxy`, and `all_proxy`, with
 * the exceptions in `no_proxy`. Lower case takes precedence over upper case. Undefined if no proxy applies; requests to
 * loopback never use one.
 *
 * @throws Error with the code `PROXY_INVALID`. A direct request instead could violate the rules of the network.
 */
export function proxyFor(target: URL, environment: Environment): URL | undefined {
  if (isLoopback(target.hostname)) return undefined;
  const read = (name: string): string => environment[name] || environment[name.toUpperCase()] || '';
  const scheme = `${target.protocol}//`;
  // In a CGI script, the client sets HTTP_PROXY by its "Proxy" header (CVE-2016-5385).
  const isCgi = scheme === 'http://' && environment.REQUEST_METHOD !== undefined;
  const own = isCgi ? environment.http_proxy : read(`${scheme.slice(0, -3)}_proxy`);
  const address = own || read('all_proxy');
  if (address === '' || isExempt(target, read('no_proxy'))) return undefined;
  const proxy = URL.parse(address.includes('://') ? address : `http://${address}`);
  if (proxy !== null && isUsable(proxy)) return proxy;
  throw Object.assign(new Error('The proxy is not a URL'), { code: 'PROXY_INVALID' });
}

/** The header that authenticates at a proxy with the credentials in its URL. */
export function proxyAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function isUsable({ protocol, username, password }: URL): boolean {
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** Whether `no_proxy` contains the target: its host, a parent domain, its address, its network, or `*`. */
function isExempt(target: URL, noProxy: string): boolean {
  const host = withoutBrackets(target.hostname).replace(/\.$/, '');
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && isNamedBy(entry, host, port));
}

function isNamedBy(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const network = /^(.+)\/(\d+)$/.exec(entry);
  if (network !== null) return isInNetwork(host, withoutBrackets(network[1] ?? ''), Number(network[2]));
  if (isIP(entry) === 6) return isInNetwork(host, entry, 128);
  const [, name = '', onlyPort = port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (onlyPort !== port) return false;
  const domain = name.replace(/^\*?\.?/, '').replace(/\.$/, '');
  if (isIP(withoutBrackets(domain)) === 6) return isInNetwork(host, withoutBrackets(domain), 128);
  const ascii = domainToASCII(domain);
  if (isIP(ascii) === 4) return isInNetwork(host, ascii, 32);
  return ascii !== '' && (host === ascii || host.endsWith(`.${ascii}`));
}

function isInNetwork(host: string, network: string, bits: number): boolean {
  const family = isIP(network);
  if (isIP(host) === 0 || family === 0 || bits > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
