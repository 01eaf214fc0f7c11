import { type Command, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { cannotWrite, isSystemError } from '../runtime/node/cannot-write.ts';
import { openHealthFile } from '../runtime/node/health-file.ts';
import { startAdminServer } from '../runtime/node/start-admin-server.ts';
import { createWatchMetrics } from '../runtime/node/watch-metrics.ts';
import { createWatchTraces } from '../runtime/node/watch-traces.ts';
import type { WatchStart } from '../runtime/watch/watch.ts';
import { createWatchHealth } from '../runtime/watch/watch-health.ts';
import type { WatchObserver } from '../runtime/watch/watch-observer.ts';
import type { Log } from './log.ts';
import { readPort } from './options.ts';

/** The options to monitor a command that runs for long. */
export interface MonitorOptions {
  readonly admin?: number;
  readonly adminHost: string;
  readonly healthFile?: string;
}

/** What watches a watch: health, figures, and traces. */
export interface Monitor {
  readonly observer: WatchObserver;
  /** The log of the command, which the figures read as well. */
  readonly log: Log;
  /** Connects the figures with the state, once it is open. */
  showBacklogs(read: WatchStart['backlogs']): void;
  close(): Promise<void>;
}

/** Adds the options to monitor a command. */
export function addMonitorOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--admin <port>',
        'serve /healthz, /readyz, and /metrics (Prometheus); 0 selects a free port',
      ).argParser(readPort),
    )
    .option('--admin-host <address>', 'the address of --admin', '127.0.0.1')
    .option('--health-file <file>', 'write what /readyz shows to a file, every 10 seconds');
}

/** Starts what the options ask for. @throws Error if the port is taken, or the file cannot be written. */
export async function openMonitor(
  { admin: port, adminHost: host, healthFile }: MonitorOptions,
  log: Log,
): Promise<Monitor> {
  const { version } = packageJson;
  const health = createWatchHealth({ now: Date.now });
  let backlogs: WatchStart['backlogs'] | undefined;
  const metrics =
    port === undefined
      ? undefined
      : await createWatchMetrics({
          version,
          health: health.report,
          backlogs: async () => (await backlogs?.()) ?? [],
        });
  const traces = await createWatchTraces(version);
  const server =
    port === undefined || metrics === undefined
      ? undefined
      : await startAdminServer({ port, host, health: health.report, metrics }).catch(
          (error: NodeJS.ErrnoException) => {
            throw new Error(
              `Cannot listen at ${host}:${port} (${error.code}). Use another --admin or --admin-host.`,
            );
          },
        );
  if (server !== undefined)
    log.announce('admin_listening', `Admin pages at ${server.origin}/readyz and /metrics`, {
      url: server.origin,
    });
  const file =
    healthFile === undefined
      ? undefined
      : await openHealthFile(healthFile, health.report, { log: log.write, now: Date.now }).catch(
          async (error: unknown) => {
            // An open server would keep the process from ending.
            await server?.close();
            throw isSystemError(error) ? cannotWrite(healthFile, error) : error;
          },
        );
  const observers = [health.observe, metrics?.observe, traces].filter((one) => one !== undefined);
  return {
    observer(seen) {
      for (const observe of observers) observe(seen);
    },
    log: {
      announce: log.announce,
      write(entry) {
        metrics?.onLog(entry);
        log.write(entry);
      },
    },
    showBacklogs(read) {
      backlogs = read;
    },
    async close() {
      backlogs = undefined;
      await server?.close();
      await file?.close();
    },
  };
}
