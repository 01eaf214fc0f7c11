import type { Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';

/** Starts to listen, and resolves to the origin: `http://127.0.0.1:49152`. @throws Error of Node, if it cannot listen. */
export function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: actual } = server.address() as AddressInfo;
      resolve(`http://${isIPv6(host) ? `[${host}]` : host}:${actual}`);
    });
  });
}
