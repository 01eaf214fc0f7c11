// Installs what the tests of the Workato host run on, where it is not there yet: `node scripts/install-ruby.ts`.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const tools = ['ruby', 'rubocop', 'rspec'];
const packages = ['ruby', 'rubocop', 'ruby-rspec'];

if (import.meta.main) installRuby();

/** Installs Ruby, RuboCop and RSpec from Debian's packages, unless they are there. @throws Error that says what to do. */
export function installRuby(): void {
  const missing = tools.filter((tool) => !isThere(tool));
  if (missing.length === 0) return;
  const byHand = `Install ${missing.join(', ')} by hand, and run it again.`;
  if (!isThere('apt-get'))
    throw new Error(`The Workato connector is tested on Ruby, and apt-get is not here. ${byHand}`);
  if (process.getuid?.() !== 0) {
    throw new Error(
      `The Workato connector is tested on Ruby: sudo apt-get install ${packages.join(' ')}, and run it again.`,
    );
  }
  apt(['update']);
  apt(['install', '--yes', '--no-install-recommends', ...packages]);
  const still = tools.filter((tool) => !isThere(tool));
  if (still.length > 0) throw new Error(`Debian's packages did not bring ${still.join(', ')}. ${byHand}`);
}

function isThere(tool: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function apt(args: readonly string[]): void {
  const { status, stderr } = spawnSync('apt-get', ['-qq', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed: ${stderr.trim()}`);
}
