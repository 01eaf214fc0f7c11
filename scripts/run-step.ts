import { spawnSync } from 'node:child_process';

/** Runs a command with its output shown, and tells whether it went well. */
export function runStep(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}
