import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Connector, createConnector } from '../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';

/** A sandbox and a connector to it, which are open while a test runs. */
export interface UsedSandbox {
  readonly sandbox: Sandbox;
  readonly connector: Connector;
}

/** Opens a sandbox of its own for each test of a file, or one for all of them, and closes it after. */
export function useSandbox(per: 'test' | 'file' = 'test'): UsedSandbox {
  let open: UsedSandbox | undefined;
  const opened = (): UsedSandbox => {
    if (open === undefined) throw new Error('The sandbox is open only while a test runs');
    return open;
  };
  const [before, after] = per === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll];
  before(async () => {
    const sandbox = await startSandbox();
    const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    open = { sandbox, connector };
  });
  after(async () => {
    const { sandbox, connector } = opened();
    open = undefined;
    connector.close();
    await sandbox.close();
  });
  return {
    get sandbox() {
      return opened().sandbox;
    },
    get connector() {
      return opened().connector;
    },
  };
}
