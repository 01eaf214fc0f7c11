import { describe, expect, it } from 'vitest';
import manifest from '../../../manifest.json' with { type: 'json' };
import { runCli } from '../../support/run-cli.ts';

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
      description: 'Creates a user. Fails if the username already exists.',
      effect: 'write',
      idempotent: false,
    });
  });
});

describe('rolecall triggers', () => {
  it('prints a line for each trigger of the manifest, with tabs, when it is piped', async () => {
    const { code, out } = await runCli(['triggers']);
    const keys = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect({ code, keys }).toEqual({ code: 0, keys: manifest.triggers.map(({ key }) => key) });
  });

  it('prints JSON with --json', async () => {
    const { out } = await runCli(['triggers', '--json']);
    expect(JSON.parse(out)).toContainEqual({
      key: 'user_deprovisioned',
      title: 'User deprovisioned',
      group: 'Users',
      description: 'Triggers when a user is deactivated or deleted. The event type says which.',
      resources: ['User'],
      types: ['deactivate', 'delete'],
    });
  });
});

describe('rolecall sources', () => {
  it('prints a line for each source of the manifest, with tabs, when it is piped', async () => {
    const { code, out } = await runCli(['sources']);
    const types = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect({ code, types }).toEqual({ code: 0, types: manifest.sources.map(({ type }) => type) });
  });

  it('prints JSON with --json', async () => {
    const { out } = await runCli(['sources', '--json']);
    expect(JSON.parse(out)).toContainEqual({
      type: 'okta_event_hook',
      title: 'Okta event hook',
      description: 'Receives event hooks from an Okta organization, including the one-time verification.',
    });
  });
});

describe('rolecall describe', () => {
  it('shows the fields with their types, and both samples', async () => {
    const { code, out } = await runCli(['describe', 'set_workato_role']);
    expect(code).toBe(0);
    expect(out).toContain('  user  object with one of id, userName, externalId, email (required)');
    expect(out).toContain('  environment  dev | test | prod (default: dev)');
    expect(out).toContain('Sample input');
    expect(out).toContain('Sample output');
  });

  it('returns JSON Schemas with --json', async () => {
    const { out } = await runCli(['describe', 'find_user', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      kind: 'action',
      key: 'find_user',
      nullable: true,
      input: { type: 'object', required: ['user'] },
    });
  });

  it('shows a trigger, with the event that it starts with', async () => {
    const { code, out } = await runCli(['describe', 'user_role_changed']);
    expect(code).toBe(0);
    expect(out).toContain('Resources: User. Event types: patch, put.');
    expect(out).toContain('  roleTo  Admin | Analyst | Operator');
    expect(out).toContain('Sample event');
    const { out: json } = await runCli(['describe', 'user_role_changed', '--json']);
    expect(JSON.parse(json)).toMatchObject({
      kind: 'trigger',
      key: 'user_role_changed',
      input: { type: 'object' },
      output: { 'x-name': 'UserEvent' },
      sample: { type: 'patch', resource: 'User' },
    });
  });

  it('shows a source with its settings, and marks the secret ones', async () => {
    const { code, out } = await runCli(['describe', 'workos']);
    expect(code).toBe(0);
    expect(out).toContain('  secret  text (required) (secret)');
    expect(out).toContain('  maxAgeInSeconds  whole number (default: 300)');
    const { out: json } = await runCli(['describe', 'workos', '--json']);
    expect(JSON.parse(json)).toMatchObject({
      kind: 'source',
      type: 'workos',
      settings: { type: 'object', required: ['secret'] },
    });
  });

  it('lists the keys if the key is unknown', async () => {
    const { code, err } = await runCli(['describe', 'promote']);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(
        /There is no action, trigger, or source "promote"\. The actions are: create_user,.* The triggers are: user_provisioned,.* The sources are: security_event_token,/,
      ),
    });
  });
});

describe('rolecall validate', () => {
  it("accepts this package's manifest, and the example's overlay", async () => {
    const overlay = new URL('../../../examples/overlays/acme.json', import.meta.url).pathname;
    const { actions, triggers } = manifest;
    expect((await runCli(['validate'])).out).toBe(
      `manifest.json is valid: ${actions.length} actions and ${triggers.length} triggers on User and Group.\n`,
    );
    expect((await runCli(['validate', overlay, '--json'])).out).toBe(
      `{"valid":true,"actions":${actions.length + 1},"triggers":${triggers.length},"resources":["User","Group"]}\n`,
    );
  });

  it('rejects an invalid manifest, with its path', async () => {
    const file = new URL('../../../package.json', import.meta.url).pathname;
    const { code, err } = await runCli(['validate', file]);
    expect(code).toBe(2);
    expect(err).toContain(`${file} is not valid:\n  (top): has no version: add "overlayVersion": 1`);
    expect(err.trim().split('\n')).toHaveLength(2);
  });
});

describe('rolecall --help', () => {
  it('lists every command, and a first one to try', async () => {
    const { code, out } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const command of [
      'sandbox',
      'actions',
      'triggers',
      'sources',
      'describe',
      'run',
      'watch',
      'validate',
    ])
      expect(out).toContain(`  ${command} `);
    expect(out).toContain('To get started, run "rolecall sandbox"');
  });
});
