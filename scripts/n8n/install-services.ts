// Installs what the tests of the n8n host need of Debian, where it is missing: Redis and PostgreSQL for queue mode, and
// Chromium for the editor. None of them is started, and none is left running.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const packages = { redis: 'redis-server', postgres: 'postgresql', chromium: 'chromium' } as const;

if (import.meta.main) console.log(installServices());

/** Where the programs are. @throws Error that says what to install, where this may not. */
export function installServices(): {
  readonly redis: string;
  readonly postgres: string;
  readonly chromium: string;
} {
  const missing = (Object.keys(packages) as (keyof typeof packages)[]).filter(
    (name) => find(name) === undefined,
  );
  if (missing.length > 0) {
    const names = missing.map((name) => packages[name]);
    if (process.getuid?.() !== 0) throw new Error(`Install these first: ${names.join(', ')}`);
    apt(['update', '-qq']);
    // Debian starts a cluster of its own unless it is told otherwise.
    apt(['install', '-y', '-qq', '--no-install-recommends', ...names]);
  }
  const [redis, postgres, chromium] = [find('redis'), find('postgres'), find('chromium')];
  if (redis === undefined || postgres === undefined || chromium === undefined)
    throw new Error(`Not found after the installation: ${missing.join(', ')}`);
  return { redis, postgres, chromium };
}

function find(name: keyof typeof packages): string | undefined {
  if (name === 'redis') return onPath('redis-server');
  if (name === 'chromium') return onPath('chromium') ?? onPath('chromium-browser');
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return undefined;
  const newest = readdirSync(versions).toSorted((one, other) => Number(other) - Number(one))[0] ?? '';
  const folder = join(versions, newest, 'bin');
  return existsSync(join(folder, 'initdb')) ? folder : undefined;
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

function apt(args: readonly string[]): void {
  const { status } = spawnSync('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    stdio: ['ignore', process.stderr, process.stderr],
  });
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed: see above`);
}
