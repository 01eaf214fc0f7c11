import { describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { runCli } from '../support/run-cli.ts';

describe('rolecall actions', () => {
  it('prints a line for each action of the manifest, with tabs, when it is piped', async () => {
    const { code, out } = await runCli(['actions']);
    const keys = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect({ code, keys }).toEqual({ code: 0, keys: manifest.actions.map(({ key }) => key) });
  });

  it('prints JSON with --json', async () => {
    const { out } = await runCli(['actions', '--json']);
    expect(JSON.parse(out)[0]).toEqual({
      key: 'create_user',
      title: 'Create user',
      group: 'Users',
      description: 'Creates a user, and fails if there is one with the same user name.',
      safeToRepeat: false,
    });
  });
});

describe('rolecall triggers', () => {
  it('says that there are none', async () => {
    expect(await runCli(['triggers', '--json'])).toEqual({ code: 0, out: '[]\n', err: '' });
    expect(await runCli(['triggers'])).toEqual({
      code: 0,
      out: '',
      err: 'This manifest declares no triggers.\n',
    });
  });
});

describe('rolecall describe', () => {
  it('shows the fields, with what they take, and both samples', async () => {
    const { code, out } = await runCli(['describe', 'set_workato_role']);
    expect(code).toBe(0);
    expect(out).toContain('  user  object with one of id, userName, externalId, email (required)');
    expect(out).toContain('  environment  dev | test | prod (dev when left out)');
    expect(out).toContain('Sample input');
    expect(out).toContain('Sample output');
  });

  it('gives JSON Schemas with --json', async () => {
    const { out } = await runCli(['describe', 'find_user', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      kind: 'action',
      key: 'find_user',
      nullable: true,
      input: { type: 'object', required: ['user'] },
    });
  });

  it('names what there is when the key is wrong', async () => {
    const { code, err } = await runCli(['describe', 'set_role']);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('There is no action or trigger "set_role". The actions are: create_user,'),
    });
  });
});

describe('rolecall validate', () => {
  it("accepts this package's manifest, and the example's overlay", async () => {
    const overlay = new URL('../../examples/overlays/acme.json', import.meta.url).pathname;
    const { length } = manifest.actions;
    expect((await runCli(['validate'])).out).toBe(
      `manifest.json is right: ${length} actions on User and Group.\n`,
    );
    expect((await runCli(['validate', overlay, '--json'])).out).toBe(
      `{"valid":true,"actions":${length + 1},"resources":["User","Group"]}\n`,
    );
  });

  it('refuses what is no manifest, with its path', async () => {
    const file = new URL('../../package.json', import.meta.url).pathname;
    const { code, err } = await runCli(['validate', file]);
    expect(code).toBe(2);
    expect(err).toContain('manifestVersion');
  });
});

describe('rolecall --help', () => {
  it('names every command, and where to start', async () => {
    const { code, out } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const command of ['sandbox', 'actions', 'triggers', 'describe', 'run', 'validate'])
      expect(out).toContain(`  ${command} `);
    expect(out).toContain('Start with: rolecall sandbox');
  });
});
