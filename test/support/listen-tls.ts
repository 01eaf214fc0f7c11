import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSigningKey } from '../../sandbox/saml/create-signing-key.ts';

/** A server with a certificate that nobody trusts until a test makes it trusted. */
export interface TlsServer {
  readonly port: number;
  /** As PEM. */
  readonly certificate: string;
  close(): Promise<void>;
}

/** Starts an HTTPS server on a free port of 127.0.0.1, with a certificate for a host name. */
export async function listenTls(hostName: string, listener: RequestListener): Promise<TlsServer> {
  const { privateKey, certificate } = createSigningKey(hostName);
  const server = createServer({ key: privateKey, cert: certificate }, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    certificate,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
