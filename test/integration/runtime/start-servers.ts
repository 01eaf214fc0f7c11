import { type HttpBindings, serve } from '@hono/node-server';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import type { Received } from '../../../runtime/index.ts';
import type { WebhookRequest } from '../../../runtime/read-webhook-request.ts';
import { listen } from '../../support/listen.ts';

/** Receives at a path, and says what came of it. */
export type Receive = (path: string, request: WebhookRequest) => Promise<Received>;

/** A server that someone runs receivers in. */
export interface RunningServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** The servers that pass a request with its raw body, by how they do it. */
export const servers: Readonly<Record<string, (receive: Receive) => Promise<RunningServer>>> = {
  'node:http': (receive) =>
    listen(async (request, response) => {
      const { reply } = await receive(request.url ?? '', request);
      response.writeHead(reply.status, reply.headers).end(reply.body);
    }),
  Express: (receive) => {
    const app = express();
    app.all('/*path', async (request, response) => {
      const { reply } = await receive(request.url ?? '', request);
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
    app.use(express.json());
    return listen(app);
  },
  'Express with express.raw()': (receive) => {
    const app = express();
    app.all('/*path', express.raw({ type: '*/*', limit: '4mb' }), async (request, response) => {
      const { reply } = await receive(request.url ?? '', request);
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
    return listen(app);
  },
  'Express with the raw body kept by express.json()': (receive) => {
    const app = express();
    const verify = (request: object, _: object, rawBody: Uint8Array): void => {
      Object.assign(request, { rawBody });
    };
    app.use(express.json({ verify }));
    app.all('/*path', async (request, response) => {
      const { reply } = await receive(request.url ?? '', request);
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
    return listen(app);
  },
  Fastify: async (receive) => {
    const app = Fastify({ bodyLimit: 4 * 1024 * 1024 });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    app.all('/*', async ({ method, headers, body, url }, response) => {
      const { reply } = await receive(url, { method, headers, body: body as Buffer | undefined });
      return response.code(reply.status).headers(reply.headers).send(reply.body);
    });
    return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
  },
  Hono: async (receive) => {
    const app = new Hono();
    app.all('/*', async ({ req }) => {
      const { reply } = await receive(req.path, req.raw);
      // A Response of 204 takes no body, not even an empty one.
      return new Response(reply.body || null, reply);
    });
    return serveHono(app);
  },
  'Hono with Node’s request': async (receive) => {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.all('/*', async ({ req, env }) => {
      const { reply } = await receive(req.path, env.incoming);
      return new Response(reply.body || null, reply);
    });
    return serveHono(app);
  },
};

/** The servers that parse the body before the receiver gets the request. */
export const parsingServers: Readonly<Record<string, (receive: Receive) => Promise<RunningServer>>> = {
  'express.json()': (receive) => {
    const app = express();
    app.use(express.json());
    app.all('/*path', async (request, response) => {
      const { reply } = await receive(request.url ?? '', request);
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
    return listen(app);
  },
  'Fastify’s own parser, given the raw request': async (receive) => {
    const app = Fastify();
    app.all('/*', async ({ raw, url }, response) => {
      const { reply } = await receive(url, raw);
      return response.code(reply.status).headers(reply.headers).send(reply.body);
    });
    return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
  },
  'Fastify’s own parser, given its result': async (receive) => {
    const app = Fastify();
    app.all('/*', async ({ method, headers, body, url }, response) => {
      const { reply } = await receive(url, { method, headers, body: body as Buffer });
      return response.code(reply.status).headers(reply.headers).send(reply.body);
    });
    return { origin: await app.listen({ host: '127.0.0.1', port: 0 }), close: () => app.close() };
  },
  'Hono’s req.json()': async (receive) => {
    const app = new Hono();
    app.all('/*', async ({ req }) => {
      await req.json();
      const { reply } = await receive(req.path, req.raw);
      return new Response(reply.body || null, reply);
    });
    return serveHono(app);
  },
};

async function serveHono(app: {
  readonly fetch: Parameters<typeof serve>[0]['fetch'];
}): Promise<RunningServer> {
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({
        origin: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      }),
    );
  });
}
