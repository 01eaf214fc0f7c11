import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createConnector } from '../../runtime/index.ts';
import { startSandbox } from '../../sandbox/index.ts';

const run = promisify(execFile);
const script = new URL('../../examples/provision.ts', import.meta.url).pathname;
const { SCIM_BASE_URL: _, SCIM_TOKEN: __, ...env } = process.env;

it('npm start provisions the people, reads all back, and then plans, applies, is held, is approved, and reverts', async () => {
  const { stdout } = await run(process.execPath, [script], { env });
  expect(stdout).toContain('28 people provisioned');
  expect(stdout).toContain('7 groups filled: Engineering, Automation, Docs, Finance, Sales, IT, People');
  expect(stdout).toMatch(
    /^ada@example\.com +Ada Lovelace +Engineering +Automation, Engineering +Admin +Admin +Admin +yes +prod: Operator → Admin$/m,
  );
  expect(stdout).toMatch(/^gary@example\.com .* no +deactivated$/m);
  expect(stdout).toMatch(/^frances@example\.com .*Payroll auditor/m);
  expect(stdout).toContain('28 people read back, 2 of them deactivated');
  const tour = stdout.slice(stdout.indexOf('# Monday'));
  const commands = tour.split('\n').filter((line) => line.startsWith('$ '));
  expect(commands.map((line) => line.split(' ').slice(1, 4).join(' '))).toEqual([
    'rolecall plan --desired',
    'rolecall apply monday.json',
    'rolecall plan --desired',
    'rolecall apply tuesday.json',
    'rolecall apply tuesday.json',
    'rolecall revert tuesday.journal',
    'rolecall plan --desired',
  ]);
  const [hold] = /hold-[0-9a-f]{16}/.exec(tour) ?? [];
  expect(tour).toContain('monday.journal\n3 changed.\n');
  expect(tour).toContain(`Held: 17 changes (${hold})`);
  expect(tour).toContain('\n17 held.\n');
  expect(tour).toContain(`--approve ${hold}\n17 changed.\n`);
  expect(tour).toContain('revert tuesday.journal\n17 changed.\n');
  expect(tour).toMatch(/monday\.csv → \S+: 26 unchanged\.\n$/);
});

describe('npm start with SCIM_BASE_URL', () => {
  async function openProvider() {
    const provider = await startSandbox({ customRoles: ['Payroll auditor'] });
    const connector = createConnector({ baseUrl: provider.scimBaseUrl, token: provider.token });
    onTestFinished(async () => {
      connector.close();
      await provider.close();
    });
    return {
      host: new URL(provider.origin).host,
      env: { ...env, SCIM_BASE_URL: provider.scimBaseUrl, SCIM_TOKEN: provider.token },
      countUsers: async () => (await connector.actions.search_users({})).totalResults,
    };
  }

  it('changes nothing at that provider, and says how to', async () => {
    const { host, env, countUsers } = await openProvider();
    const { stdout, stderr } = await run(process.execPath, [script], { env });
    expect(stdout).toContain('28 people provisioned');
    expect(stdout).not.toContain(host);
    expect(stderr).toContain(`To change ${host}, add: -- --provider ${host}`);
    expect(await countUsers()).toBe(0);
  });

  it('stops if --provider names another host', async () => {
    const { host, env, countUsers } = await openProvider();
    const failed = await run(process.execPath, [script, '--provider', 'other.example'], { env }).catch(
      (error) => error,
    );
    expect(failed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(`is at ${host}`) });
    expect(await countUsers()).toBe(0);
  });

  it.each([
    [['--provider'], 'argument missing'],
    [['--host', 'x'], "Unknown option '--host'"],
    [['scim.example.com'], "Unexpected argument 'scim.example.com'"],
  ])('says which option is wrong: %j', async (args, words) => {
    const failed = await run(process.execPath, [script, ...args], { env }).catch((error) => error);
    expect(failed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(words) });
    expect(failed.stderr).toContain('Nothing was changed.');
    expect(failed.stderr).not.toContain('    at ');
  });

  it('says where the roles are from if the provider does not have one of them', async () => {
    const provider = await startSandbox();
    onTestFinished(() => provider.close());
    const { host } = new URL(provider.origin);
    const failed = await run(process.execPath, [script, '--provider', host], {
      env: { ...env, SCIM_BASE_URL: provider.scimBaseUrl, SCIM_TOKEN: provider.token },
    }).catch((error) => error);
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('"Payroll auditor"') });
    expect(failed.stderr).toContain('examples/people.csv');
  });

  it('provisions there if --provider names its host', async () => {
    const { host, env, countUsers } = await openProvider();
    const { stdout } = await run(process.execPath, [script, '--provider', host], { env });
    expect(stdout).toContain(`SCIM service  http://${host}/scim/v2\n`);
    expect(await countUsers()).toBe(28);
  });
});
