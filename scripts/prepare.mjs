// npm runs this script after an install: it builds the packages of hosts that run JavaScript. Plain JavaScript, and
// silent if there is nothing to build with, for example without the dev dependencies.
import { spawnSync } from 'node:child_process';
import { exit } from 'node:process';

try {
  import.meta.resolve('esbuild');
} catch {
  exit(0);
}
for (const script of ['build:n8n', 'build:zapier', 'build:mcp', 'build:activepieces']) {
  const { status } = spawnSync('npm', ['run', '--silent', script], { stdio: 'inherit' });
  if (status !== 0) exit(status ?? 1);
}
