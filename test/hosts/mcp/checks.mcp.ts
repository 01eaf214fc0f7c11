import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { runTool } from './support/run-tool.ts';
import { type HttpProcess, startHttp } from './support/start-http.ts';

let sandbox: Sandbox;
let server: HttpProcess;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  server = await startHttp(sandbox, ['--tools', 'all']);
  folder = mkdtempSync(join(tmpdir(), 'rolecall-mcp-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
  await sandbox.close();
});

it.each(['2025-11-25', '2026-07-28'])(
  'meets the requirements of %s, except those in the baseline, which need tools of a test server',
  async (revision) => {
    const baseline = resolve(`test/hosts/mcp/conformance-${revision}.yaml`);

    const { code, output } = await runTool(
      'conformance',
      ['server', '--url', server.url, '--requirements', revision, '--expected-failures', baseline],
      { cwd: folder },
    );

    expect(code, output).toBe(0);
  },
);

describe("the inspector's command line", () => {
  const inspect = async (...args: readonly string[]): Promise<unknown> => {
    const { code, output, errors } = await runTool('mcp-inspector', ['--cli', ...args]);
    expect(code, errors).toBe(0);
    return JSON.parse(output);
  };
  const overHttp = (): readonly string[] => [server.url, '--transport', 'http'];

  it('lists the tools over HTTP', async () => {
    expect(await inspect(...overHttp(), '--method', 'tools/list')).toMatchObject({
      tools: expect.arrayContaining([expect.objectContaining({ name: 'find_user' })]),
    });
  });

  it('calls a tool over HTTP', async () => {
    expect(
      await inspect(...overHttp(), '--method', 'tools/call', '--tool-name', 'search_users'),
    ).toMatchObject({ structuredContent: { totalResults: 0 } });
  });
});
