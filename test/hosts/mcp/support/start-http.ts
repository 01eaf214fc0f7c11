import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { Sandbox } from '../../../../sandbox/index.ts';

/** The token of clients, in the variable that `--http-token-env CLIENT_TOKEN` names. */
export const clientToken = 'client-token-6d1f';

/** The arguments of node for `rolecall mcp`, connected to a sandbox. */
export function mcpArgs({ scimBaseUrl }: Sandbox, more: readonly string[]): string[] {
  return ['cli/main.ts', 'mcp', '--base-url', scimBaseUrl, '--token-env', 'SCIM_TOKEN', ...more];
}

/** The environment of `rolecall mcp`. */
export function mcpEnv({ token }: Sandbox): Record<string, string> {
  return { PATH: process.env.PATH ?? '', SCIM_TOKEN: token, CLIENT_TOKEN: clientToken };
}

export interface HttpProcess {
  readonly url: string;
  /** Sends SIGTERM, and expects that it ends well. */
  stop(): Promise<void>;
}

/** Starts `rolecall mcp --http`, and waits until it serves. */
export async function startHttp(sandbox: Sandbox, more: readonly string[]): Promise<HttpProcess> {
  const child: ChildProcess = spawn(process.execPath, mcpArgs(sandbox, ['--http', '0', ...more]), {
    env: mcpEnv(sandbox),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (child.stderr === null) throw new Error('There is no standard error');
  for await (const line of createInterface(child.stderr)) {
    const [, url] = /^Serving MCP at (.+)$/.exec(line) ?? [];
    if (url === undefined) continue;
    return {
      url,
      async stop() {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        expect(await exited).toEqual([0, null]);
      },
    };
  }
  throw new Error('It ended before it served');
}
