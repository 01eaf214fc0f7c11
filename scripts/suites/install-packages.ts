// Installs the npm packages of a suite from the lock files in tools/, each into a folder outside the repository that later
// runs reuse: in ROLECALL_CACHE, or else in ~/.cache/rolecall. `node scripts/suites/install-packages.ts NAME…` installs by hand.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MissingPrerequisite } from './missing-prerequisite.ts';

/** The folders in tools/, each with the packages whose install scripts must run. */
const rebuilt = {
  activepieces: [],
  'mcp-tools': [],
  'n8n-engine': ['sqlite3'],
  'n8n-marketplace': [],
  'scim-servers': [],
  'zapier-platform': [],
} as const;

type PackageSet = keyof typeof rebuilt;

if (import.meta.main)
  for (const name of process.argv.slice(2) as PackageSet[]) console.log(installPackages(name));

/** The folder that has the node_modules of a set of packages. @throws MissingPrerequisite */
export function installPackages(name: PackageSet): string {
  const source = join('tools', name);
  const lock = readFileSync(join(source, 'package-lock.json'));
  const [major = ''] = process.versions.node.split('.');
  const hash = createHash('sha256').update(lock).update(major).digest('hex').slice(0, 16);
  const folder = join(process.env.ROLECALL_CACHE ?? join(homedir(), '.cache', 'rolecall'), `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  if (Number(major) < 24)
    throw new MissingPrerequisite(`${source} needs Node 24 or later, and this is ${process.version}.`);

  // Built in a temporary folder and renamed when complete, so that an interrupted run leaves nothing that looks done.
  const building = `${folder}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  try {
    copyFileSync('.npmrc', join(building, '.npmrc'));
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(source, file), join(building, file));
    console.error(`Installing ${source}, which can take some minutes…`);
    run(building, ['ci', '--ignore-scripts', '--loglevel=error']);
    for (const built of rebuilt[name]) run(building, ['rebuild', built, '--loglevel=error']);
    try {
      renameSync(building, folder);
    } catch (error) {
      // Another run has installed the same in the meantime.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return folder;
}

function run(cwd: string, args: readonly string[]): void {
  const { status } = spawnSync('npm', args, { cwd, stdio: ['ignore', process.stderr, process.stderr] });
  if (status !== 0) throw new MissingPrerequisite(`npm ${args.join(' ')} failed, as shown above.`);
}
