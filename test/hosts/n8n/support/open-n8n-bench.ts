import { type Sandbox, type SandboxOptions, startSandbox } from '../../../../sandbox/index.ts';
import type { SeenRequest } from '../../../support/fault.ts';
import { type Plan, startFaultProxy } from '../../../support/start-fault-proxy.ts';
import { createN8nHome, type ImportedCredential, type N8nHome } from './n8n-home.ts';
import { scimCredential } from './scim-workflow.ts';
import { type RunningN8n, startN8n } from './start-n8n.ts';
import type { Workflow } from './workflow.ts';

/** The parts of a bench in addition to n8n itself. */
export interface BenchOptions {
  readonly sandbox?: SandboxOptions;
  /** Imported, and run from the editor. */
  readonly workflows?: readonly Workflow[];
  /** Imported and published, so that they start by themselves. */
  readonly published?: readonly Workflow[];
  /** What is to be at the provider before n8n starts. */
  readonly prepare?: (sandbox: Sandbox) => Promise<void>;
  /** Credentials next to that of the sandbox's token. Requests to the proxy's base URL follow the plan. */
  readonly credentials?: (sandbox: Sandbox, proxyBaseUrl: string) => readonly ImportedCredential[];
  /** What n8n's environment has next to the defaults. */
  readonly env?: NodeJS.ProcessEnv;
}

/** n8n over a sandbox, with a proxy between them that does what a test tells it to. */
export interface N8nBench {
  readonly home: N8nHome;
  readonly sandbox: Sandbox;
  /** The n8n that runs now. */
  readonly n8n: RunningN8n;
  /** Ends n8n without a warning, and starts it again. */
  restart(): Promise<void>;
  /** What the proxy saw since the plan was set. */
  readonly seen: readonly SeenRequest[];
  /** Says what becomes of each request from now on. */
  setPlan(plan: Plan): void;
  close(): Promise<void>;
}

/** Starts all of it. */
export async function openN8nBench({
  sandbox: sandboxOptions,
  workflows = [],
  published = [],
  credentials = () => [],
  prepare,
  env,
}: BenchOptions): Promise<N8nBench> {
  const sandbox = await startSandbox(sandboxOptions);
  await prepare?.(sandbox);
  let plan: Plan = () => undefined;
  const proxy = await startFaultProxy({
    upstream: sandbox.origin,
    plan: (request) => plan(request),
    now: Date.now,
  });
  const baseUrl = `${proxy.origin}/scim/v2`;
  const home = await createN8nHome(env);
  await home.importCredentials([
    {
      ...scimCredential.scimApi,
      type: 'scimApi',
      data: { baseUrl, token: sandbox.token },
    },
    ...credentials(sandbox, baseUrl),
  ]);
  await home.importWorkflows([...workflows, ...published], published);
  let n8n = await startN8n(home);
  let seenBefore = 0;
  return {
    home,
    sandbox,
    get n8n() {
      return n8n;
    },
    async restart() {
      await n8n.stop('SIGKILL');
      n8n = await startN8n(home);
    },
    get seen() {
      return proxy.seen.slice(seenBefore);
    },
    setPlan(next) {
      plan = next;
      seenBefore = proxy.seen.length;
    },
    async close() {
      await n8n.stop();
      await proxy.close();
      await sandbox.close();
      home.remove();
    },
  };
}
