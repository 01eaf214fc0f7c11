import { type ConnectionLimits, readConnection } from '../../connector/connection.ts';
import { createScimClient } from '../../connector/http/scim-client.ts';
import type { LogEntry } from '../../connector/platform.ts';
import { type Connector, createConnector } from '../../runtime/index.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { openSession, type RunOptions, type Session } from '../../runtime/open-session.ts';
import { type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import { repeatWith } from './fake-platform.ts';
import { definition } from './open-test-session.ts';
import { createSkippingClock, type SkippingClock } from './skipping-clock.ts';
import { type FaultProxy, type Plan, startFaultProxy } from './start-fault-proxy.ts';

/** A sandbox, a proxy that breaks what goes through it, and the connector before both. */
export interface FaultBench {
  readonly clock: SkippingClock;
  readonly proxy: FaultProxy;
  readonly token: string;
  readonly logged: readonly LogEntry[];
  /** A connector that goes past the proxy, to set things up and to see what came of them. */
  readonly direct: Connector;
  /** Runs an action through the proxy, over real sockets, without spending the waits. */
  run(key: string, input: unknown, options?: RunOptions): Promise<unknown>;
  /** Plans and applies through the proxy in the same way. */
  readonly plan: Session['plan'];
  readonly apply: Session['apply'];
  /** Polls through the proxy in the same way. */
  readonly poll: Session['poll'];
  /** From now on, do this to requests. */
  setPlan(plan: Plan): void;
  close(): Promise<void>;
}

/** The options of a bench. */
export interface FaultBenchOptions {
  readonly connection?: Partial<ConnectionLimits>;
  readonly sandbox?: SandboxOptions;
  /** How far the provider's clock is ahead of ours, in milliseconds. */
  readonly clockAheadInMs?: number;
  /** Whether answers have no `Date`. */
  readonly hasNoDate?: boolean;
  /** Called when the connector has to wait for more than it will ever get. */
  readonly onSilence?: () => void;
}

/** Opens a bench; nothing is broken until {@link FaultBench.setPlan} says so. */
export async function openFaultBench(options: FaultBenchOptions = {}): Promise<FaultBench> {
  const clock = createSkippingClock();
  const providerNow = (): number => clock.now() + (options.clockAheadInMs ?? 0);
  const sandbox = await startSandbox({ now: () => new Date(providerNow()), ...options.sandbox });
  let plan: Plan = () => undefined;
  const proxy = await startFaultProxy({
    upstream: sandbox.origin,
    plan: (request) => plan(request),
    now: options.hasNoDate === true ? undefined : providerNow,
    onSilence: options.onSilence,
  });
  const connection = readConnection(definition.connection.schema, {
    baseUrl: sandbox.scimBaseUrl.replace(sandbox.origin, proxy.origin),
    token: sandbox.token,
    ...options.connection,
  });
  const logged: LogEntry[] = [];
  const node = createNodePlatform({ log: (entry) => logged.push(entry) });
  const platform = {
    ...node,
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    retry: <T>(attempt: (number: number) => Promise<T>, signal?: AbortSignal) =>
      repeatWith(clock, attempt, signal),
  };
  const session = openSession(definition, platform, createScimClient(connection, platform));
  const direct = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  return {
    clock,
    proxy,
    token: sandbox.token,
    logged,
    direct,
    run: session.runAction,
    plan: session.plan,
    apply: session.apply,
    poll: session.poll,
    setPlan(next) {
      plan = next;
    },
    async close() {
      node.close();
      direct.close();
      await proxy.close();
      await sandbox.close();
    },
  };
}
