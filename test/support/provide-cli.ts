import { rmSync } from 'node:fs';
import { type BuiltCli, buildCli } from './build-cli.ts';
import { cliVariable } from './run-cli.ts';

let built: BuiltCli;

/** Runs once before all tests: those of the command line start hundreds of processes. */
export function setup(): void {
  built = buildCli();
  process.env[cliVariable] = built.main;
}

/** Runs once after all tests. */
export function teardown(): void {
  rmSync(built.folder, { recursive: true });
}
