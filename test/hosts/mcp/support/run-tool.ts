import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { installPackages } from '../../../../scripts/suites/install-packages.ts';

export interface ToolRun {
  readonly code: number | null;
  /** Its standard output. */
  readonly output: string;
  /** Its standard error. */
  readonly errors: string;
}

/** Runs one of MCP's own tools, which the suite has installed. */
export async function runTool(
  name: 'mcpb' | 'mcp-inspector' | 'conformance',
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<ToolRun> {
  const tool = join(installPackages('mcp-tools'), 'node_modules/.bin', name);
  const child = spawn(process.execPath, [tool, ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, output, errors };
}
