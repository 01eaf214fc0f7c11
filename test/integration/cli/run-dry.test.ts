import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { type CliResult, runCli } from '../../support/run-cli.ts';

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(join(tmpdir(), 'rolecall-dry-'));
  await run('create_user', { userName: 'ada@example.com', title: 'Analyst' });
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

function run(action: string, input: unknown, ...more: readonly string[]): Promise<CliResult> {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  const connection = ['--base-url', sandbox.scimBaseUrl, '--token-env', 'SCIM_TOKEN'];
  return runCli(['run', action, ...connection, '--input', text, ...more], {
    env: { SCIM_TOKEN: sandbox.token },
  });
}

describe('rolecall run --dry-run', () => {
  it('prints the dry run as JSON, and says on standard error what would change', async () => {
    const input = { user: { userName: 'ada@example.com' }, title: 'Manager' };

    const { code, out, err } = await run('update_user', input, '--dry-run');

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ dryRun: true, outcome: 'change', changes: [{ path: 'title' }] });
    expect(err).toContain('~ update ada@example.com  title: "Analyst" → "Manager"');
    expect(err).toContain('Dry run, nothing was changed: 1 request would be sent. 1 change would be made.');
    const { out: user } = await run('get_user', { user: input.user });
    expect(JSON.parse(user)).toMatchObject({ title: 'Analyst' });
  });

  it('numbers the rows as the sheet does, and exits with 8 if some cannot be run', async () => {
    const file = join(folder, 'people.csv');
    writeFileSync(
      file,
      'userName,title,active\nada@example.com,Manager,\nbob@example.com,Analyst,perhaps\ncleo@example.com,Owner,\n',
    );

    const { code, out, err } = await run('bulk_users', `@${file}`, '--dry-run');

    expect(code).toBe(8);
    const { rows, changes, summary } = JSON.parse(out);
    expect(rows).toMatchObject([
      { row: 2, name: 'ada@example.com', ok: true, outcome: 'change' },
      { row: 3, ok: false, error: { code: 'invalid_input' } },
      { row: 4, name: 'cleo@example.com', ok: true, outcome: 'change' },
    ]);
    expect(changes.map(({ row }: { row: number }) => row)).toEqual([2, 4, 4]);
    expect(summary).toContain('1 row cannot be run.');
    expect(err).toContain('row 3');
  });

  it('prints nothing on standard error with --json', async () => {
    const { err } = await run(
      'delete_user',
      { user: { userName: 'ada@example.com' } },
      '--dry-run',
      '--json',
    );

    expect(err).toBe('');
  });

  it('exits with 2 for an action that only reads', async () => {
    const { code, err } = await run('find_user', { user: { userName: 'ada@example.com' } }, '--dry-run');

    expect(code).toBe(2);
    expect(err).toContain('--dry-run does not apply to find_user, which only reads');
  });
});
