import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { ActionDefinition, Field } from '../../../connector/definition/definition.ts';
import { withFieldNames } from '../../../hosts/workato/field-names.ts';
import { labelOf } from '../../../hosts/workato/input-field.ts';
import { createConnector, discoverOverlay } from '../../../runtime/index.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import type { JsonSchema } from '../../../schemas/json-schema.ts';
import { masked } from '../../support/masked.ts';
import { actionOf, definition } from '../../support/open-test-session.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';
import { withEventPills } from './with-event-pills.ts';

const acme = JSON.parse(
  readFileSync(new URL('../../../examples/overlays/acme.json', import.meta.url), 'utf8'),
);
const acmeUri = 'urn:acme:params:scim:schemas:extension:access:1.0:User';
const acmeField = 'urn_acme_params_scim_schemas_extension_access_1_0_user';
const enterpriseField = 'urn_ietf_params_scim_schemas_extension_enterprise_2_0_user';

/** A field as Workato's schema describes one. */
interface WorkatoField {
  readonly name: string;
  readonly label?: string;
  readonly type?: string;
  readonly of?: string;
  readonly list_mode?: string;
  readonly optional?: boolean;
  readonly sticky?: boolean;
  readonly control_type?: string;
  readonly pick_list?: string | readonly (readonly string[])[];
  readonly toggle_hint?: string;
  readonly toggle_field?: WorkatoField;
  readonly hint?: string;
  readonly custom?: boolean;
  readonly properties?: readonly WorkatoField[];
}

let ruby: RubyConnector;
let plain: Sandbox;
let extended: Sandbox;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
  plain = await startSandbox();
  extended = await startSandbox({ userExtensions: acme.schemas });
});

afterAll(async () => {
  await ruby.close();
  await plain.close();
  await extended.close();
});

const nobody = { baseUrl: 'http://127.0.0.1:9', token: 't' };

const settingsOf = ({ scimBaseUrl, token }: Sandbox) => ({ baseUrl: scimBaseUrl, token });

async function fields(
  part: 'input_fields' | 'output_fields',
  of: 'actions' | 'triggers',
  key: string,
  more: object = {},
): Promise<readonly WorkatoField[]> {
  const ask = { do: part, of, key, settings: settingsOf(plain), ...more };
  return (await ruby.value(ask)) as readonly WorkatoField[];
}

/** The fields of an action, and the switch of its dry run. */
function fieldsOf({ fields: own, dryRun }: ActionDefinition): readonly Field[] {
  return dryRun === undefined ? own : [...own, dryRun.field];
}

const steps = [
  ...definition.actions.map((entry) => ({ ...entry, of: 'actions' as const, fields: fieldsOf(entry) })),
  ...definition.triggers.map((entry) => ({ ...entry, title: entry.nounTitle, of: 'triggers' as const })),
];

describe.each(steps)('$key', ({ key, of, fields: declared, title, description, sample, output }) => {
  it('has every declared field, labeled, with help, and required where it is', async () => {
    const { config_fields: config = [] } = (await ruby.value({ do: 'entry', of, key })) as {
      config_fields?: readonly WorkatoField[];
    };
    const drawn = [...config, ...(await fields('input_fields', of, key))];

    expect(drawn.map(({ name }) => name).toSorted()).toEqual(declared.map((one) => one.key).toSorted());
    for (const field of declared) {
      const shown = drawn.find(({ name }) => name === field.key);
      expect(shown?.label).toBe(labelOf(field));
      expect(shown?.hint).toContain(escaped(field.help));
      const determinesFields = config.some(({ name }) => name === field.key);
      if (!determinesFields) expect(shown?.optional).toBe(!field.required);
      expectKind(shown, field, determinesFields);
    }
  });

  it('shows its samples, with datapills for their fields', async () => {
    const shown = await ruby.value({ do: 'sample_output', of, key, settings: settingsOf(plain) });
    const plainSample = JSON.parse(JSON.stringify(sample));
    // An event of any resource type has only the attributes that all types have.
    if (of === 'triggers') plainSample.data = declaredOf(plainSample.data, output.properties?.data);
    const expected = of === 'triggers' ? withEventPills([plainSample])[0] : withFieldNames(plainSample);
    expect(masked(shown)).toEqual(masked(expected));
    expect(undeclared(shown, await fields('output_fields', of, key))).toEqual([]);
  });

  it('describes what it does', async () => {
    const text = (name: string) => ruby.value({ do: 'text', of, key, name });
    expect(await ruby.value({ do: 'entry', of, key })).toMatchObject({ title, subtitle: description });
    expect(String(await text('description')).replace(/<[^>]*>/g, '')).toBe(`${title} in ${definition.title}`);
    expect(await text('help')).toMatchObject({
      body: expect.stringContaining(escaped(description)),
      learn_more_url: expect.stringMatching(/^https:/),
    });
  });
});

function declaredOf(data: object | null, { properties = {} }: JsonSchema = {}): object | null {
  return data && Object.fromEntries(Object.entries(data).filter(([name]) => name in properties));
}

/** The paths of a sample that have no datapill. */
function undeclared(value: unknown, pills: readonly WorkatoField[] = []): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => undeclared(item, pills));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const pill = pills.find((one) => one.name === name);
    return pill === undefined ? [name] : undeclared(part, pill.properties).map((path) => `${name}.${path}`);
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function expectKind(shown: WorkatoField | undefined, field: Field, determinesFields: boolean): void {
  if (field.secret) expect(shown?.control_type).toBe('password');
  if (field.kind === 'boolean') expect(shown).toMatchObject({ type: 'boolean', control_type: 'checkbox' });
  if (field.kind === 'integer') {
    expect(shown).toMatchObject({ type: 'integer', control_type: 'integer' });
    expect(shown).not.toHaveProperty('convert_input');
  }
  if (field.kind === 'reference' || field.kind === 'references')
    expect(shown?.properties?.map(({ name }) => name)).toEqual(field.fields?.map(({ key }) => key));
  if (field.pickList !== undefined) expect(shown?.control_type).toBe('select');
  // Every list has a text field next to it, so that a datapill can be mapped: same name, same label, as optional.
  if (field.pickList === undefined && field.kind !== 'boolean') return;
  const { name, label, optional, toggle_hint, toggle_field } = shown ?? { name: '' };
  expect(toggle_hint).toBe('Select from list');
  // A datapill has no value while the form is drawn, so that it cannot determine other fields.
  expect(toggle_field).toMatchObject({
    ...{ name, label, optional, type: 'string' },
    ...(determinesFields
      ? { control_type: 'plain-text', toggle_hint: 'Enter value' }
      : { control_type: 'text', toggle_hint: 'Enter value or map a datapill' }),
  });
}

it('has every pick list that a field names, with all its options', async () => {
  const named = new Map<string, Field>();
  for (const { key, of, fields: declared } of steps) {
    const { config_fields: config = [] } = (await ruby.value({ do: 'entry', of, key })) as {
      config_fields?: readonly WorkatoField[];
    };
    for (const { name, pick_list: list } of [...config, ...(await fields('input_fields', of, key))]) {
      const field = declared.find((one) => one.key === name);
      if (typeof list === 'string' && field !== undefined) named.set(list, field);
    }
  }

  expect(named.size).toBeGreaterThan(3);
  // Without the values of a provider.
  for (const [list, { pickList = [] }] of named)
    expect(await ruby.value({ do: 'pick_list', key: list, settings: nobody })).toEqual(
      pickList.map(({ title, value }) => [title, value]),
    );
});

it.each([
  ['create_user', 'emails', 'static'],
  ['create_user', 'addresses', 'static'],
  ['update_group', 'members', undefined],
  ['set_group_members', 'members', undefined],
])('opens the list of %s that is named %s in the mode %s', async (key, name, mode) => {
  const list = (await fields('input_fields', 'actions', key)).find((field) => field.name === name);

  expect(list).toMatchObject({ type: 'array', of: 'object' });
  expect(list?.list_mode).toBe(mode);
});

it('shows the form of the selected action for the rows of a batch', async () => {
  const rowsFor = async (action: string | undefined) => {
    const config = action === undefined ? {} : { action };
    const [rows] = await fields('input_fields', 'actions', 'bulk_users', { config });
    return rows?.properties?.map(({ name }) => name) ?? [];
  };
  const keysOf = (key: string) =>
    definition.actions.find((one) => one.key === key)?.fields.map((one) => one.key);

  for (const none of [undefined, '', 'set_work']) expect(await rowsFor(none)).toEqual(keysOf('upsert_user'));
  expect(await rowsFor('set_workato_role')).toEqual(keysOf('set_workato_role'));
});

describe("the provider's own attributes", () => {
  const more = () => ({ settings: settingsOf(extended) });

  it('appear in the forms of a whole user, as a group', async () => {
    for (const key of ['create_user', 'update_user', 'replace_user', 'upsert_user']) {
      const drawn = await fields('input_fields', 'actions', key, more());
      const group = drawn.find(({ name }) => name === acmeField);

      expect(group, key).toMatchObject({
        label: 'Acme access',
        type: 'object',
        custom: true,
        optional: true,
      });
      expect(group?.properties).toMatchObject([
        {
          name: 'acmeRole',
          label: 'Acme role',
          control_type: 'select',
          pick_list: [
            ['Requester', 'requester'],
            ['Approver', 'approver'],
            ['Auditor', 'auditor'],
          ],
          toggle_field: { name: 'acmeRole', control_type: 'text' },
        },
        { name: 'approvalLimit', label: 'Approval limit', type: 'integer' },
      ]);
    }
    const others = await fields('input_fields', 'actions', 'search_users', more());
    expect(others.some(({ name }) => name === acmeField)).toBe(false);
  });

  it('appear among the datapills, of actions and of events', async () => {
    const user = await fields('output_fields', 'actions', 'get_user', more());
    const event = await fields('output_fields', 'triggers', 'user_updated', more());

    for (const drawn of [user, event.find(({ name }) => name === 'data')?.properties ?? []])
      expect(drawn.find(({ name }) => name === acmeField)?.properties?.map(({ name }) => name)).toEqual([
        'acmeRole',
        'approvalLimit',
      ]);
  });

  it('are set, changed, and removed as on Node', async () => {
    const settings = settingsOf(extended);
    const node = createConnector(settings);
    const discovered = createConnector({ ...settings, overlays: [await discoverOverlay(node)] });
    const outcomes = async (
      userName: string,
      name: string,
      run: (key: string, input: object) => Promise<unknown>,
    ) => [
      await run('create_user', { userName, [name]: { acmeRole: 'approver', approvalLimit: 500 } }),
      await run('update_user', { user: { userName }, [name]: { approvalLimit: 900 }, title: 'x' }),
      await run('replace_user', { user: { userName }, userName, [name]: { acmeRole: 'auditor' } }),
    ];
    const onNode = await outcomes('one@example.com', acmeUri, discovered.run);
    const onRuby = await outcomes('two@example.com', acmeField, (key, input) =>
      ruby.value({ do: 'execute', key, input, settings }),
    );

    const alike = (value: unknown) => JSON.parse(JSON.stringify(masked(value)).replaceAll('one@', 'two@'));
    expect(alike(onRuby)).toEqual(alike(withFieldNames(onNode)));
    expect(onRuby[2]).toMatchObject({ [acmeField]: { acmeRole: 'auditor' } });
    node.close();
    discovered.close();
  });

  it('accept text and cleared values from a form', async () => {
    const settings = settingsOf(extended);
    const run = (key: string, input: object) => ruby.value({ do: 'invoke', key, input, settings });
    const user = { userName: 'form@example.com' };
    await run('create_user', { ...user, [acmeField]: { acmeRole: 'approver', approvalLimit: '500' } });

    expect(await run('get_user', { user })).toMatchObject({ [acmeField]: { approvalLimit: 500 } });
    const cleared = await run('update_user', { user, [acmeField]: { approvalLimit: null } });
    expect(cleared).toMatchObject({ [acmeField]: { acmeRole: 'approver' } });
    expect(cleared).not.toHaveProperty([acmeField, 'approvalLimit']);
  });

  it('do not prevent a form from opening if the provider does not respond', async () => {
    for (const settings of [
      { baseUrl: plain.scimBaseUrl, token: 'wrong' },
      { baseUrl: 'http://127.0.0.1:9', token: 'token' },
      { baseUrl: 'no url', token: '' },
    ]) {
      const drawn = await fields('input_fields', 'actions', 'create_user', { settings });
      const [note] = drawn.filter(({ name }) => name === 'provider_attributes');
      expect(note).toMatchObject({ type: 'object', optional: true, properties: [] });
      expect(note?.hint).toMatch(/could not be read.+: (auth|unavailable|invalid_input): .+\.$/);
      expect(drawn.filter((one) => one !== note).map(({ name }) => name)).toEqual(
        fieldsOf(actionOf('create_user')).map(({ key }) => key),
      );
    }
  });
});

it('renders the sub-attributes of an attribute from its schema', async () => {
  const drawn = await fields('input_fields', 'actions', 'create_user');
  const emails = drawn.find(({ name }) => name === 'emails');

  expect(emails).toMatchObject({ type: 'array', of: 'object' });
  expect(emails?.properties?.map(({ name, type }) => [name, type])).toEqual([
    ['value', 'string'],
    ['display', 'string'],
    ['type', 'string'],
    ['primary', 'boolean'],
  ]);
  expect(drawn.find(({ name }) => name === 'manager')?.properties?.map(({ name }) => name)).toEqual([
    'value',
    'ref',
  ]);
  const pills = await fields('output_fields', 'actions', 'get_user');
  expect(pills.find(({ name }) => name === enterpriseField)?.label).toBe('Enterprise user');
});

it('reads an overlay from its file', async () => {
  const overlaid = compileManifest(loadManifest([acme]));
  const other = await startRubyConnector(overlaid);
  const added = overlaid.actions.filter(({ key }) => !definition.actions.some((one) => one.key === key));

  expect(added.length).toBeGreaterThan(0);
  for (const action of added) {
    const { key, title } = action;
    expect(await other.value({ do: 'entry', of: 'actions', key })).toMatchObject({ title });
    const drawn = (await other.value({
      do: 'input_fields',
      of: 'actions',
      key,
      settings: settingsOf(extended),
    })) as readonly WorkatoField[];
    expect(drawn.map(({ name }) => name)).toEqual(fieldsOf(action).map((one) => one.key));
  }
  await other.close();
});
