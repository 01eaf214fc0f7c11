import { spawnSync } from 'node:child_process';

/** Runs a command, shows its output, and returns whether it succeeded. */
export function runStep(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}
