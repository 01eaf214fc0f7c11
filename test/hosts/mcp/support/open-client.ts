import {
  type CallToolResult,
  Client,
  type ElicitResult,
  InMemoryTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { commandLineWords } from '../../../../cli/mcp-words.ts';
import { defaultMaxCallInMs } from '../../../../hosts/mcp/call-time.ts';
import { createServerFactory, type ServerSettings } from '../../../../hosts/mcp/server/create-server.ts';

/** The protocol before and since its revision of 2026-07-28. */
export const eras = ['2025', '2026'] as const;

export type Era = (typeof eras)[number];

/** How the person at a client answers a question; undefined for a client that cannot ask. */
export type Answer = ((message: string) => ElicitResult | Promise<ElicitResult>) | undefined;

export const yes: Answer = () => ({ action: 'accept', content: { confirm: true } });

export interface ClientOptions {
  readonly era?: Era;
  readonly answer?: Answer;
}

/** Connects the official client over a transport. */
export async function connectClient(
  transport: Transport,
  { era = '2026', answer }: ClientOptions = {},
): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    {
      capabilities: answer === undefined ? {} : { elicitation: {} },
      versionNegotiation: { mode: era === '2025' ? 'legacy' : { pin: '2026-07-28' } },
    },
  );
  if (answer !== undefined)
    client.setRequestHandler('elicitation/create', ({ params }) => answer(params.message));
  await client.connect(transport);
  return client;
}

/** A client, connected to a server in the same process. Dispose it to close both. */
export interface OpenClient extends AsyncDisposable {
  readonly client: Client;
}

/** Connects the official client to a server in this process. */
export async function openClient(
  settings: Pick<ServerSettings, 'connector'> & Partial<ServerSettings>,
  options?: ClientOptions,
): Promise<OpenClient> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const factory = createServerFactory({
    toolset: 'all',
    allowsDestructive: false,
    maxCallInMs: defaultMaxCallInMs,
    words: commandLineWords,
    version: '1.0.0',
    ...settings,
  });
  const served = serveStdio(factory, { transport: far });
  const client = await connectClient(near, options);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await served.close();
    },
  };
}

/** Calls a tool. The client waits for as long as the action may take, and not for its default of a minute. */
export async function call(client: Client, name: string, input: object): Promise<CallToolResult> {
  return await client.callTool({ name, arguments: { ...input } }, { timeout: 600_000 });
}

/** The text of a result. */
export function textOf({ content }: CallToolResult): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
}

/** The JSON that a result marks as data of the provider. */
export function dataOf(result: CallToolResult): unknown {
  const [, json = ''] = /<provider-data>\n(.*)\n<\/provider-data>/.exec(textOf(result)) ?? [];
  return JSON.parse(json);
}
