import { rename, rm, writeFile } from 'node:fs/promises';
import { OutageLog } from '../../connector/outage-log.ts';
import type { Platform } from '../../connector/platform.ts';
import type { HealthReport } from '../watch/watch-health.ts';

/** How often the file is written, so that its age shows whether the process still runs. */
const everyInMs = 10_000;

const healthFileOutage = { failed: 'health_file_failed', ended: 'health_file_recovered', about: {} } as const;

/** A file with the health of a watch. */
export interface HealthFile {
  /** Writes it no more, and deletes it: a stopped watch is not healthy. */
  close(): Promise<void>;
}

/**
 * Writes the health of a watch to a file every ten seconds, as the JSON of `/readyz` with its `time`. The file is
 * replaced as a whole, so that a reader never sees half of it.
 *
 * @throws Error of Node, if the file cannot be written at the start
 */
export async function openHealthFile(
  path: string,
  health: () => HealthReport,
  platform: Pick<Platform, 'log' | 'now'>,
): Promise<HealthFile> {
  const next = `${path}.${process.pid}.tmp`;
  const write = async (): Promise<void> => {
    await writeFile(next, `${JSON.stringify({ time: new Date().toISOString(), ...health() })}\n`);
    await rename(next, path);
  };
  await write();
  const outages = new OutageLog(healthFileOutage, platform);
  const writeAgain = (): Promise<void> =>
    write().then(
      () => outages.end(),
      ({ message }: Error) => outages.fail({ message }),
    );
  let writing = Promise.resolve();
  const timer = setInterval(() => {
    writing = writeAgain();
  }, everyInMs).unref();
  return {
    async close() {
      clearInterval(timer);
      await writing;
      await rm(path, { force: true });
    },
  };
}
