import { chmodSync, existsSync, realpathSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { ConnectorError, type ErrorCode } from '../../connector/errors.ts';
import { isRecord } from '../../schemas/is-record.ts';
import {
  approveHold,
  approveHoldOnce,
  discardHold,
  type Hold,
  type OneTimeApproval,
  readHolds,
} from '../watch/release-holds.ts';
import type { DeliverySelection, SinkState, WatchStore } from '../watch/watch-store.ts';

/** What a state has to deliver, and what it holds. */
export interface StateReport {
  readonly sinks: readonly SinkState[];
  readonly holds: readonly Hold[];
}

/** A command to a state, whether a watch is running on it or not. */
export type StateCommand =
  | { readonly kind: 'show'; readonly limit: number }
  | { readonly kind: 'release' | 'skip'; readonly selection: DeliverySelection }
  | { readonly kind: 'replay'; readonly sinceInMs: number; readonly selection: DeliverySelection }
  | { readonly kind: 'approve'; readonly hold: string; readonly once?: OneTimeApproval | undefined }
  | { readonly kind: 'discard'; readonly hold: string };

/** Runs a command on an open store. @returns a report for `show`, and otherwise a number of deliveries or losses */
export async function runStateCommand(
  store: WatchStore,
  command: StateCommand,
): Promise<StateReport | number> {
  switch (command.kind) {
    case 'show':
      return { sinks: await store.sinkStates(command.limit), holds: await readHolds(store) };
    case 'release':
      return store.release(command.selection);
    case 'skip':
      return store.skip(command.selection);
    case 'replay':
      return store.replay(command.sinceInMs, command.selection);
    case 'approve':
      return command.once === undefined
        ? approveHold(store, command.hold)
        : approveHoldOnce(store, command.hold, command.once);
    case 'discard':
      return discardHold(store, command.hold);
  }
}

/** Linux accepts 107 bytes, macOS 103. A longer path would be cut off. */
const longestSocketPath = 103;

/** The socket of the process that has a state open; undefined if there can be none. */
function socketOf(file: string): string | undefined {
  const path = `${realpathSync(file)}-control`;
  // Elsewhere, a socket is no file, and could not be protected by the rights of its folder.
  return process.platform === 'win32' || Buffer.byteLength(path) > longestSocketPath ? undefined : path;
}

/**
 * Accepts commands at a socket next to the state, which only its owner can open. The caller holds the lock of the state:
 * a socket that is there already was left by a process that was killed.
 *
 * @param run - runs one command, within the transactions of the store
 * @returns a function that ends it
 */
export function acceptStateCommands(
  file: string,
  run: (command: StateCommand) => Promise<StateReport | number>,
): () => void {
  const path = socketOf(file);
  if (path === undefined) return () => undefined;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    text(socket)
      .then((received) => run(JSON.parse(received) as StateCommand))
      .then(
        (result) => ({ result }),
        (error: unknown) => ({
          error: error instanceof ConnectorError ? error : { code: 'provider_fault', message: String(error) },
        }),
      )
      .then((reply) => socket.end(JSON.stringify(reply)));
  });
  // Where a file system has no sockets, the state cannot be steered while it is open, and works as before.
  server.on('error', () => undefined);
  server.unref();
  try {
    rmSync(path, { force: true });
    server.listen(path);
    if (existsSync(path)) chmodSync(path, 0o600);
  } catch {
    server.close();
  }
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

/**
 * Sends a command to the process that has a state open.
 *
 * @returns undefined if no process listens: none has the state open, or it cannot be steered.
 * @throws ConnectorError what the command failed with
 */
export async function sendStateCommand(
  file: string,
  command: StateCommand,
): Promise<{ readonly result: unknown } | undefined> {
  const path = socketOf(file);
  if (path === undefined) return undefined;
  let received: string;
  try {
    const socket = createConnection({ path, allowHalfOpen: true });
    socket.end(JSON.stringify(command));
    received = await text(socket);
  } catch {
    return undefined;
  }
  // The process was killed before it replied.
  if (received === '') return undefined;
  const reply: unknown = JSON.parse(received);
  if (!isRecord(reply)) return undefined;
  if (isRecord(reply.error)) {
    const { code, message, nextStep = '' } = reply.error;
    const [next, whole] = [String(nextStep), String(message)];
    const what = whole.endsWith(next) ? whole.slice(0, whole.length - next.length).trim() : whole;
    throw new ConnectorError(code as ErrorCode, { what, nextStep: next });
  }
  return { result: reply.result };
}
