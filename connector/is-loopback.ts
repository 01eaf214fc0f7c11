/** `127.0.0.0/8` as IPv4-mapped IPv6 addresses (RFC 4291 §2.5.5.2), in the form that URLs normalize to. */
const mappedLoopback = /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/;

/** Whether the host of a URL is this machine, so that requests do not leave it. */
export function isLoopback(hostname: string): boolean {
  return (
    /^localhost\.?$/.test(hostname) ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname) ||
    mappedLoopback.test(hostname)
  );
}

/** Whether requests to a URL cannot be read in transit: they are encrypted, or stay on this machine. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}
