import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MissingPrerequisite } from './missing-prerequisite.ts';

/** The maximum wait for another apt that holds a lock, in seconds: unattended upgrades take some minutes. */
const lockTimeoutInSeconds = 600;
const secondsBetweenUpdates = 10;

/**
 * Installs Debian packages, waiting for another apt that holds the lock.
 *
 * @throws MissingPrerequisite if apt is missing or not permitted, with the command to run manually.
 */
export function aptInstall(packages: readonly string[]): void {
  const command = `apt-get install ${packages.join(' ')}`;
  if (!isOnPath('apt-get')) throw new MissingPrerequisite(`Install ${packages.join(', ')} by hand.`);
  if (process.getuid?.() !== 0) throw new MissingPrerequisite(`Run: sudo ${command}`);
  console.error(`Installing ${packages.join(', ')}…`);
  update();
  const { status, stderr } = apt(['install', '--yes', '--no-install-recommends', ...packages]);
  if (status !== 0) throw new MissingPrerequisite(`${command} failed: ${stderr.trim()}`);
}

/** Whether a program is found on the PATH. */
export function isOnPath(program: string): boolean {
  return pathOf(program) !== undefined;
}

/** The path of a program on the PATH. */
export function pathOf(program: string): string | undefined {
  const paths = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

// apt waits for dpkg's lock itself, but not for the lock of the package lists.
function update(): void {
  for (let waitedInSeconds = 0; ; waitedInSeconds += secondsBetweenUpdates) {
    const { status, stderr } = apt(['update']);
    if (status === 0) return;
    if (!/could not get lock/i.test(stderr) || waitedInSeconds >= lockTimeoutInSeconds)
      throw new MissingPrerequisite(`apt-get update failed: ${stderr.trim()}`);
    spawnSync('sleep', [String(secondsBetweenUpdates)]);
  }
}

function apt(args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  return spawnSync('apt-get', ['-qq', '-o', `DPkg::Lock::Timeout=${lockTimeoutInSeconds}`, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
}
