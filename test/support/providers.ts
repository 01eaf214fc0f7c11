import { type Connector, createConnector } from '../../runtime/index.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { startScimmy } from './start-scimmy.ts';

/** A SCIM provider that runs, with a connector to it. */
export interface RunningProvider {
  readonly connector: Connector;
  readonly baseUrl: string;
  readonly token: string;
  close(): Promise<void>;
}

/** A SCIM provider that the actions are run against. */
export interface Provider {
  readonly name: 'the sandbox' | 'scimmy-routers';
  start(): Promise<RunningProvider>;
}

/** Our own sandbox, and a server that nobody here wrote. */
export const providers: readonly [Provider, Provider] = [
  { name: 'the sandbox', start: async () => connect(await startSandbox()) },
  { name: 'scimmy-routers', start: async () => connect(await startScimmy()) },
];

function connect({
  scimBaseUrl,
  token,
  close,
}: {
  readonly scimBaseUrl: string;
  readonly token: string;
  close(): Promise<void>;
}): RunningProvider {
  const baseUrl = scimBaseUrl;
  const connector = createConnector({ baseUrl, token });
  return {
    connector,
    baseUrl,
    token,
    async close() {
      connector.close();
      await close();
    },
  };
}
