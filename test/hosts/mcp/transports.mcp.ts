import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../support/listen.ts';
import { useSandbox } from '../../support/use-sandbox.ts';
import { call, connectClient, eras, textOf, yes } from './support/open-client.ts';
import { clientToken, type HttpProcess, mcpArgs, mcpEnv, startHttp } from './support/start-http.ts';

const running = useSandbox('file');

describe.each(eras)('rolecall mcp on standard input and output serves a client of %s', (era) => {
  it('with tools, confirmed changes, and errors', async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: mcpArgs(running.sandbox, ['--tools', 'all']),
      env: mcpEnv(running.sandbox),
      stderr: 'ignore',
    });
    const client = await connectClient(transport, { era, answer: yes });
    const userName = `stdio-${era}@example.com`;

    await call(client, 'create_user', { userName });
    await call(client, 'delete_user', { user: { userName } });
    const missing = await call(client, 'get_user', { user: { userName } });
    await client.close();

    expect(textOf(missing)).toContain('Error: not_found');
  });
});

describe('rolecall mcp --http', () => {
  let server: HttpProcess;

  beforeAll(async () => {
    server = await startHttp(running.sandbox, ['--tools', 'all', '--http-token-env', 'CLIENT_TOKEN']);
  });

  afterAll(() => server.stop());

  const transport = (): StreamableHTTPClientTransport =>
    new StreamableHTTPClientTransport(new URL(server.url), {
      requestInit: { headers: { authorization: `Bearer ${clientToken}` } },
    });

  it.each(eras)('serves a client of %s', async (era) => {
    const client = await connectClient(transport(), { era });
    const userName = `http-${era}@example.com`;

    await call(client, 'create_user', { userName });
    const { structuredContent } = await call(client, 'get_user', { user: { userName } });
    const refused = await call(client, 'delete_user', { user: { userName } });
    await client.close();

    expect(structuredContent).toMatchObject({ userName });
    expect(textOf(refused)).toContain('Error: not_confirmed');
  });

  it('asks a person by the result of a call, since 2026', async () => {
    const asked: string[] = [];
    const client = await connectClient(transport(), {
      answer(message) {
        asked.push(message);
        return { action: 'accept', content: { confirm: true } };
      },
    });
    const { id } = await running.connector.actions.create_user({ userName: 'asked@example.com' });

    await call(client, 'delete_user', { user: { id } });
    await client.close();

    expect(asked).toEqual([expect.stringContaining('- delete asked@example.com')]);
    expect(await running.connector.actions.find_user({ user: { id } })).toBeNull();
  });

  it('reports progress while a call runs', async () => {
    const client = await connectClient(transport(), { answer: yes });
    const reported: number[] = [];

    await client.callTool(
      {
        name: 'bulk_users',
        arguments: {
          action: 'create_user',
          rows: [{ userName: 'p1@example.com' }, { userName: 'p2@example.com' }],
        },
      },
      { onprogress: ({ progress }) => reported.push(progress) },
    );
    await client.close();

    expect(reported.at(-1)).toBe(2);
  });

  const post = async (headers: Readonly<Record<string, string>>, path = '/mcp'): Promise<IncomingMessage> => {
    const { port } = new URL(server.url);
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
    sent.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response.resume();
  };
  const good = {
    authorization: `Bearer ${clientToken}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };

  it.each([
    ['accepts a request with the token', good, 200],
    ['accepts a page of this machine', { ...good, origin: 'http://localhost:5173' }, 200],
    ['rejects a request without a token', { ...good, authorization: '' }, 401],
    ['rejects a wrong token', { ...good, authorization: 'Bearer client-token-6d1e' }, 401],
    ['rejects another scheme', { ...good, authorization: `Basic ${clientToken}` }, 401],
    ['rejects a Host of another name, as after DNS rebinding', { ...good, host: 'evil.example.com' }, 403],
    ['rejects a page of another origin', { ...good, origin: 'https://evil.example.com' }, 403],
    ['rejects a body that is no JSON', { ...good, 'content-type': 'text/plain' }, 415],
  ])('%s', async (_, headers, status) => {
    expect(await post(headers)).toMatchObject({ statusCode: status });
  });

  it.each([
    ['is missing', {}, 'Bearer realm="rolecall"'],
    ['is wrong', { authorization: 'Bearer wrong' }, 'Bearer realm="rolecall", error="invalid_token"'],
  ])('says what it needs if the token %s', async (_, headers, challenge) => {
    expect((await post(headers)).headers['www-authenticate']).toBe(challenge);
  });

  it.each(['/', '/.well-known/oauth-protected-resource/mcp'])(
    'has nothing at %s, also for a client without a token',
    async (path) => {
      expect(await post({}, path)).toMatchObject({ statusCode: 404 });
    },
  );
});

it('rolecall mcp --http ends the request to the provider once the client has disconnected', async () => {
  const arrived = Promise.withResolvers<IncomingMessage>();
  const provider = await listen((incoming) => arrived.resolve(incoming));
  const server = await startHttp(running.sandbox, ['--base-url', `${provider.origin}/scim/v2`]);
  const client = await connectClient(new StreamableHTTPClientTransport(new URL(server.url)));
  const cancel = new AbortController();

  const calling = client
    .callTool({ name: 'get_user', arguments: { user: { id: '1' } } }, { signal: cancel.signal })
    .catch((error: unknown) => error);
  const { socket } = await arrived.promise;
  const ended = once(socket, 'close');
  cancel.abort();
  await ended;

  expect(await calling).toBeInstanceOf(Error);
  await client.close();
  await server.stop();
  await provider.close();
});

it.each([
  ['without a token on an address that others can reach', ['--http-host', '0.0.0.0'], '--http-token-env'],
  [
    'on every address without a name',
    ['--http-host', '0.0.0.0', '--http-token-env', 'CLIENT_TOKEN'],
    '--http-name',
  ],
])('rolecall mcp --http refuses to serve %s', async (_, more, hint) => {
  const process_ = spawn(process.execPath, mcpArgs(running.sandbox, ['--http', '0', ...more]), {
    env: mcpEnv(running.sandbox),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let shown = '';
  process_.stderr.on('data', (chunk) => {
    shown += chunk;
  });

  expect(await once(process_, 'close')).toEqual([2, null]);
  expect(shown).toContain(hint);
});
