import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { listens } from './start-redis.ts';
import { until } from './until.ts';

/** A PostgreSQL of the test's own, on the loopback interface: user and database are `postgres`, without a password. */
export async function startPostgres(bin: string): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-postgres-'));
  const as = await unprivileged();
  if (as.uid !== undefined && as.gid !== undefined) chownSync(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  await runChild(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-N'], {
    cwd: folder,
    ...as,
  });
  const child = startChild(
    join(bin, 'postgres'),
    ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder, '-c', 'fsync=off'],
    { cwd: folder, ...as },
  );
  await until('PostgreSQL', () => listens(port));
  return {
    port,
    async stop() {
      // The others would wait for its clients.
      await child.stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL rejects to run as root: Debian's package brings a user for it. */
async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => runChild('id', [flag, 'postgres'])));
  return { uid: Number(uid), gid: Number(gid) };
}
