// What npm runs when this folder is installed: builds the n8n node. Plain JavaScript, and quiet where there is nothing to
// build with, as without the dev dependencies.
import { spawnSync } from 'node:child_process';
import { exit } from 'node:process';

try {
  import.meta.resolve('esbuild');
} catch {
  exit(0);
}
const { status } = spawnSync('npm', ['run', '--silent', 'build:n8n'], { stdio: 'inherit' });
exit(status ?? 1);
