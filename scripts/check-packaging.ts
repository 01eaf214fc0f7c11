// Runs the linters of the files in packaging/, as far as they are installed, and says which are not:
//   node scripts/check-packaging.ts
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'rolecall-packaging-'));

/** The unit, with a command that exists on this machine: systemd checks whether it can be executed. */
function unitWithCommand(): string {
  const unit = readFileSync('packaging/systemd/rolecall-watch.service', 'utf8');
  const path = join(folder, 'rolecall-watch.service');
  writeFileSync(path, unit.replace('/usr/local/bin/rolecall', '/bin/true'));
  return path;
}

const linters: Readonly<Record<string, readonly string[]>> = {
  hadolint: ['packaging/docker/Dockerfile'],
  // The sandbox is built and tagged once, for the services that share its image.
  dclint: ['--disable-rule', 'no-build-and-image', '--quiet', 'packaging/docker/compose.yaml'],
  kubeconform: ['-strict', '-summary', 'packaging/kubernetes/rolecall-watch.yaml'],
  promtool: ['check', 'rules', 'packaging/prometheus/alerts.yaml'],
  'systemd-analyze': ['verify', '--man=no', unitWithCommand()],
};

try {
  for (const [command, args] of Object.entries(linters)) {
    const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    const isMissing = error !== undefined && 'code' in error && error.code === 'ENOENT';
    console.log(`${isMissing ? 'not installed' : status === 0 ? 'ok' : 'FAIL'} ${command}`);
    if (isMissing || status === 0) continue;
    console.log(`${stdout}${stderr}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
