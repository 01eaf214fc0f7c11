import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** What a proxy was asked. */
export interface ProxyRequest {
  readonly method: string;
  /** `idp.example.com:443` of a CONNECT, else the whole URL. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** A forward proxy on the loopback interface, which sends everything to one server, whatever its name is. */
export interface HttpProxy {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly seen: readonly ProxyRequest[];
  /** How many connections there are to it now. */
  openConnections(): number;
  close(): Promise<void>;
}

/** @param connectStatus answered to a CONNECT; `silent` for no response at all. */
export async function startHttpProxy(
  upstreamPort: number,
  connectStatus: number | 'silent' = 200,
): Promise<HttpProxy> {
  const seen: ProxyRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers });
    response.setHeader('content-type', 'application/scim+json');
    response.end(JSON.stringify({ id: '1', userName: 'from-the-proxy' }));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('connect', (request, client: Socket, head: Buffer) => {
    seen.push({ method: 'CONNECT', target: request.url ?? '', headers: request.headers });
    client.on('error', () => undefined);
    if (connectStatus === 'silent') {
      client.resume();
      client.on('end', () => client.end());
      return;
    }
    if (connectStatus !== 200) {
      client.end(
        `HTTP/1.1 ${connectStatus} No\r\ncontent-type: application/scim+json\r\n\r\n{"id":"1","userName":"forged"}`,
      );
      return;
    }
    const upstream = connect(upstreamPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    openConnections: () => sockets.size,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
