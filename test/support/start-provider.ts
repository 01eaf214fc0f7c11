import { text } from 'node:stream/consumers';
import type { LogEntry } from '../../connector/platform.ts';
import { type Connector, createConnector } from '../../runtime/index.ts';
import { listen } from './listen.ts';

/** A request that a provider of a test receives. */
export interface ProviderRequest {
  readonly method: string;
  readonly url: URL;
  /** The parameters of a list, from the query or from the body of a POST to `/.search`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Which request this is, from 0. */
  readonly number: number;
}

/** The response of a provider: 200 with JSON, unless it has another status. */
export interface ProviderResponse {
  readonly status?: number;
  readonly body: unknown;
}

/** A provider on the loopback interface, with a connector to it. */
export interface RunningProvider {
  readonly baseUrl: string;
  readonly connector: Connector;
  /** Every request, in order. */
  readonly requests: readonly ProviderRequest[];
  /** What the connector has logged. */
  readonly logged: readonly LogEntry[];
  close(): Promise<void>;
}

/** Starts a provider that answers every request with the result of a function. */
export async function startProvider(
  respond: (request: ProviderRequest) => ProviderResponse,
): Promise<RunningProvider> {
  const requests: ProviderRequest[] = [];
  const logged: LogEntry[] = [];
  const { origin, close } = await listen(async (incoming, response) => {
    const sent = await text(incoming);
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const request: ProviderRequest = {
      method: incoming.method ?? 'GET',
      url,
      parameters: sent === '' ? Object.fromEntries(url.searchParams) : JSON.parse(sent),
      number: requests.length,
    };
    requests.push(request);
    const { status = 200, body } = respond(request);
    // Node's own header would show the system's time in a test that moves it.
    const date = new Date().toUTCString();
    response.writeHead(status, { 'content-type': 'application/scim+json', date });
    response.end(JSON.stringify(body));
  });
  const connector = createConnector({
    baseUrl: origin,
    token: 'token',
    log: (entry) => void logged.push(entry),
  });
  return {
    baseUrl: origin,
    connector,
    requests,
    logged,
    async close() {
      connector.close();
      await close();
    },
  };
}
