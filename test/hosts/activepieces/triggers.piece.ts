import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import acme from '../../../examples/overlays/acme.json' with { type: 'json' };
import { readActionForm } from '../../../hosts/activepieces/form/action-form.ts';
import type { Prop, TriggerParts } from '../../../hosts/activepieces/runtime/pieces-framework.ts';
import { type Connector, createConnector, type ProvisioningEvent } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { createStore, openPiece } from './open-piece.ts';

const folder = temporaryFolder();
const { piece, framework } = openPiece(folder.path);
let sandbox: Sandbox;
let world: Connector;

afterAll(() => folder[Symbol.dispose]());

beforeEach(async () => {
  sandbox = await startSandbox();
  world = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
});

afterEach(async () => {
  world.close();
  await sandbox.close();
});

function triggerOf(key: string): TriggerParts {
  const trigger = piece.triggers()[key];
  if (trigger === undefined) throw new Error(`There is no trigger ${key}`);
  return trigger;
}

/** What the piece throws: its errors have a class of its own. */
function failureOf(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => expect.unreachable('It succeeds.'),
    (error: unknown) => error,
  );
}

/** A flow with a trigger, as the engine calls it. */
function openFlow(key: string, propsValue: Readonly<Record<string, unknown>> = {}, store = createStore()) {
  const trigger = triggerOf(key);
  const auth = { props: { baseUrl: sandbox.scimBaseUrl, token: sandbox.token } };
  const context = { auth, propsValue, store };
  const namesOf = (events: readonly unknown[]): readonly string[] =>
    (events as readonly ProvisioningEvent[]).map(({ type, subject }) => `${type} ${subject.userName}`);
  return {
    store,
    enable: () => trigger.onEnable(context),
    disable: () => trigger.onDisable(context),
    run: async () => namesOf(await trigger.run(context)),
    // For a test, the engine has another store.
    test: async () => trigger.test({ ...context, store: createStore() }),
  };
}

describe('a trigger in Activepieces', () => {
  it('reports what changes after the flow is enabled, each event once', async () => {
    const ada = await world.actions.create_user({ userName: 'ada@example.com' });
    const flow = openFlow('provisioning_event');
    await flow.enable();
    expect(await flow.run()).toEqual([]);
    await world.actions.create_user({ userName: 'bob@example.com' });
    await world.actions.deactivate_user({ user: { id: ada.id } });
    expect((await flow.run()).toSorted()).toEqual(['create bob@example.com', 'deactivate ada@example.com']);
    expect(await flow.run()).toEqual([]);
  });

  it('misses nothing while a flow is published again', async () => {
    const flow = openFlow('user_provisioned');
    await flow.enable();
    await flow.disable();
    await world.actions.create_user({ userName: 'ada@example.com' });
    await flow.enable();
    expect(await flow.run()).toEqual(['create ada@example.com']);
  });

  it('reports existing users at first if the form says so', async () => {
    await world.actions.create_user({ userName: 'ada@example.com' });
    const flow = openFlow('user_provisioned', { startFrom: 'beginning' });
    await flow.enable();
    expect(await flow.run()).toEqual(['create ada@example.com']);
    expect(await flow.run()).toEqual([]);
  });

  it('shows existing users when it is tested, or a sample, and leaves the flow as it is', async () => {
    await world.actions.create_user({ userName: 'ada@example.com' });
    const flow = openFlow('user_provisioned');
    await flow.enable();
    const before = flow.store.values.get('poll');
    expect(await flow.test()).toEqual([expect.objectContaining({ type: 'create' })]);
    expect(await openFlow('user_deprovisioned').test()).toEqual([
      expect.objectContaining({ type: 'deactivate', isSample: true }),
    ]);
    expect(flow.store.values.get('poll')).toBe(before);
  });

  it('fails, and loses nothing, if its state takes more bytes than the engine stores', async () => {
    const flow = openFlow('user_provisioned');
    await flow.enable();
    const before = flow.store.values.get('poll');
    // As few characters as there are users, but three bytes each.
    const rows = Array.from({ length: 600 }, (_, index) => ({
      userName: `${index}@example.com`,
      externalId: '\u30a2'.repeat(300),
    }));
    await world.actions.bulk_users({ action: 'create_user', rows });
    expect(await failureOf(flow.run())).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/ bytes, but Activepieces stores only 524288\./),
    });
    expect(flow.store.values.get('poll')).toBe(before);
  });

  it('keeps its cursor when a poll fails, and starts over at another provider', async () => {
    const flow = openFlow('user_provisioned');
    await flow.enable();
    await world.actions.create_user({ userName: 'ada@example.com' });
    const before = flow.store.values.get('poll');
    const revoked = openFlow('user_provisioned', { filter: 'userName eq' }, flow.store);
    expect(await failureOf(revoked.run())).toMatchObject({ message: expect.stringContaining('Filter') });
    expect(flow.store.values.get('poll')).toBe(before);
    const other = await startSandbox({ token: sandbox.token });
    const own = sandbox;
    sandbox = other;
    expect(await openFlow('user_provisioned', {}, flow.store).run()).toEqual([]);
    sandbox = own;
    await other.close();
  });

  it('holds a mass deprovisioning', async () => {
    const users = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        world.actions.create_user({ userName: `u${index}@example.com` }),
      ),
    );
    const flow = openFlow('user_deprovisioned');
    await flow.enable();
    for (const { id } of users) await world.actions.deactivate_user({ user: { id } });
    expect(await failureOf(flow.run())).toMatchObject({ code: 'mass_change_blocked' });
    expect(await failureOf(flow.run())).toMatchObject({ code: 'mass_change_blocked' });
  });
});

describe('the piece', () => {
  it('is found by the engine of any release: in the file of its name, and in the main file of the package', async () => {
    const { main } = JSON.parse(readFileSync(join(folder.path, 'package.json'), 'utf8'));
    const entry = join(folder.path, 'index.bundle.js');
    const exported: object = await import(entry);
    expect(join(folder.path, main)).toBe(entry);
    expect(Object.values(exported).filter((one) => one.constructor.name === 'Piece')).toHaveLength(1);
  });

  it('has every action and trigger of the manifest, and a form that the framework accepts', () => {
    expect(Object.keys(piece.actions())).toEqual(definition.actions.map(({ key }) => key));
    expect(Object.keys(piece.triggers())).toEqual(definition.triggers.map(({ key }) => key));
    const { InputProperty } = framework as Record<string, { parse(value: unknown): unknown }>;
    const forms = [...Object.values(piece.actions()), ...Object.values(piece.triggers())];
    for (const [key, prop] of forms.flatMap(({ props }) => Object.entries(props))) {
      expect(key).toMatch(/^\w+$/);
      // The framework creates lists of texts without `properties`, which its own schema requires.
      const isTextList = prop.type === 'ARRAY' && prop.properties === undefined;
      InputProperty?.parse({ ...prop, ...(isTextList && { properties: {} }) });
    }
    expect(piece.metadata()).toMatchObject({
      displayName: 'SCIM Provisioning',
      // The oldest release that this version of the framework supports.
      minimumSupportedRelease: '0.82.0',
      auth: { type: 'CUSTOM_AUTH' },
    });
  });

  it('says to agents which actions can be repeated, and which to preview', () => {
    for (const { key, description, effect, idempotent, dryRun } of definition.actions) {
      const { aiMetadata } = piece.actions()[key] ?? {};
      expect(aiMetadata?.idempotent, key).toBe(effect === 'read' || idempotent);
      expect(aiMetadata?.description.startsWith(description), key).toBe(true);
      const isPreviewed = aiMetadata?.description.includes('First run it with Dry Run') === true;
      expect(isPreviewed, key).toBe(effect === 'destructive' && dryRun !== undefined);
    }
    expect(piece.actions().get_user?.aiMetadata.idempotent).toBe(true);
    expect(piece.actions().create_user?.aiMetadata.idempotent).toBe(false);
  });

  it('has no input of fields that nobody has touched, whatever the editor stores for them', () => {
    /** `getDefaultPropertyValue` of the editor, after the processors of the engine. */
    const untouched = ({ type, defaultValue }: Prop): unknown => {
      if (defaultValue !== undefined) return defaultValue;
      if (type === 'ARRAY' || type === 'STATIC_MULTI_SELECT_DROPDOWN') return [];
      if (type === 'JSON') return {};
      if (type === 'CHECKBOX') return false;
      return type === 'DROPDOWN' || type === 'STATIC_DROPDOWN' ? null : undefined;
    };
    const forms = definition.actions.map((action) => {
      const props = Object.entries(piece.actions()[action.key]?.props ?? {});
      const values = Object.fromEntries(props.map(([key, prop]) => [key, untouched(prop)]));
      const presets = Object.fromEntries(props.map(([key, { defaultValue }]) => [key, defaultValue]));
      return [action, readActionForm(action, values), readActionForm(action, presets)] as const;
    });
    for (const [{ key, fields }, form, expected] of forms) {
      // An empty list of members is one: the action rejects it, unless the form allows it.
      const lists = fields
        .filter(({ kind }) => kind === 'references')
        .map((field) => [field.key, []] as const);
      expect(form, key).toEqual({ ...expected, input: { ...expected.input, ...Object.fromEntries(lists) } });
    }
  });

  it('has the actions and attributes of an overlay', () => {
    using other = temporaryFolder();
    const actions = openPiece(other.path, [acme]).piece.actions();
    expect(Object.keys(actions)).toEqual([
      ...definition.actions.map(({ key }) => key),
      ...acme.actions.map(({ key }) => key),
    ]);
    expect(Object.keys(actions.create_user?.props ?? {})).toContain('approvalLimit');
  });

  it('tests a connection by a request', async () => {
    const given = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
    expect(await piece.auth.validate({ auth: given })).toEqual({ valid: true });
    expect(await piece.auth.validate({ auth: { ...given, token: 'wrong' } })).toMatchObject({
      valid: false,
      error: expect.stringContaining('token'),
    });
    expect(await piece.auth.validate({ auth: { ...given, token: '' } })).toMatchObject({
      valid: false,
      error: expect.stringContaining('Token'),
    });
  });

  it('lists users to select from', async () => {
    const { id } = await world.actions.create_user({ userName: 'ada@example.com', displayName: 'Ada' });
    await world.actions.create_user({ userName: 'bob@example.com' });
    const prop = piece.actions().get_user?.props.user as unknown as {
      options(values: object, context: object): Promise<unknown>;
    };
    const auth = { props: { baseUrl: sandbox.scimBaseUrl, token: sandbox.token } };
    expect(await prop.options({}, {})).toMatchObject({ disabled: true, options: [] });
    expect(await prop.options({ auth }, { searchValue: 'ada' })).toEqual({
      options: [{ label: 'Ada (ada@example.com)', value: id }],
    });
  });
});
