// npm runs this script after an install: it builds the n8n node. Plain JavaScript, and silent if there is nothing to
// build with, for example without the dev dependencies.
import { spawnSync } from 'node:child_process';
import { exit } from 'node:process';

try {
  import.meta.resolve('esbuild');
} catch {
  exit(0);
}
const { status } = spawnSync('npm', ['run', '--silent', 'build:n8n'], { stdio: 'inherit' });
exit(status ?? 1);
