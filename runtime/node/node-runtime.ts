import type { LogEntry, Runtime } from '../../connector/runtime.ts';
import { createNodeCrypto } from './crypto.ts';
import { repeat } from './repeat.ts';
import { createSender, type Sender } from './send.ts';
import { sleep } from './sleep.ts';

/** A runtime, and how to let go of its connections. */
export interface NodeRuntime extends Runtime {
  /** Closes idle connections; a process that has none other left can end. */
  close(): void;
}

/** What a caller may choose of the Node runtime. */
export interface NodeRuntimeOptions {
  /** The largest number of sockets to one host. */
  readonly maxSockets: number;
  /** Takes the log. Default: nowhere. */
  readonly log?: ((entry: LogEntry) => void) | undefined;
}

/** The world as Node has it: axios over kept-alive sockets, p-retry, the system's clock. */
export function createNodeRuntime({ maxSockets, log }: NodeRuntimeOptions): NodeRuntime {
  const sender: Sender = createSender(maxSockets);
  return {
    send: sender.send,
    repeat,
    sleep,
    now: Date.now,
    random: Math.random,
    crypto: createNodeCrypto(),
    log: log ?? (() => undefined),
    close: sender.close,
  };
}
