import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { sourceTriggers } from '../../../hosts/workato/event-sources.ts';
import { fieldNames, inputWithFieldNames, withFieldNames } from '../../../hosts/workato/field-names.ts';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { masked } from '../../support/masked.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

const acme = JSON.parse(
  readFileSync(new URL('../../../examples/overlays/acme.json', import.meta.url), 'utf8'),
);
const definition = compileManifest(loadManifest([acme]));
const accepted = /^[a-z0-9_]+$/i;

let ruby: RubyConnector;
let sandbox: Sandbox;
let world: Connector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
  sandbox = await startSandbox({
    userExtensions: [
      ...acme.schemas,
      {
        id: 'urn:other:1.0:User',
        name: 'Other',
        attributes: [
          { name: 'badge-no', type: 'string' },
          { name: 'level', type: 'integer' },
        ],
      },
    ],
  });
  world = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token, overlays: [acme] });
});

afterAll(async () => {
  world.close();
  await sandbox.close();
  await ruby.close();
});

const settings = () => ({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });

interface NamedField {
  readonly name: string;
  readonly toggle_field?: NamedField;
  readonly properties?: readonly NamedField[];
}

const namesIn = (fields: readonly NamedField[]): readonly string[] =>
  fields.flatMap(({ name, toggle_field: toggle, properties = [] }) => [
    name,
    ...(toggle === undefined ? [] : [toggle.name]),
    ...namesIn(properties),
  ]);

function keysIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keysIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...keysIn(item)]);
}

const entries = [
  ...definition.actions.map(({ key }) => ['actions', key] as const),
  ...definition.triggers.map(({ key }) => ['triggers', key] as const),
  ...sourceTriggers(definition).map(({ key }) => ['triggers', key] as const),
];

describe('the names of fields', () => {
  it.each(entries)('have only letters, digits, and underscores: %s %s', async (of, key) => {
    const source = sourceTriggers(definition).find((one) => one.key === key)?.sources[0]?.type;
    const config = source === undefined ? {} : { source };
    const ask = { of, key, settings: settings(), config };
    const { config_fields: own = [] } = (await ruby.value({ do: 'entry', of, key })) as {
      readonly config_fields?: readonly NamedField[];
    };
    const names = namesIn([
      ...own,
      ...((await ruby.value({ do: 'input_fields', ...ask })) as readonly NamedField[]),
      ...((await ruby.value({ do: 'output_fields', ...ask })) as readonly NamedField[]),
    ]);

    expect(names.length).toBeGreaterThan(2);
    expect([...names, ...keysIn(await ruby.value({ do: 'sample_output', ...ask }))].filter(isOdd)).toEqual(
      [],
    );
  });

  it('have only those in the connection', async () => {
    const { fields } = (await ruby.value({ do: 'connection' })) as { readonly fields: readonly NamedField[] };

    expect(namesIn(fields).length).toBeGreaterThan(5);
    expect(namesIn(fields).filter(isOdd)).toEqual([]);
  });

  it('are the same in TypeScript and Ruby, and different within one object', async () => {
    const lists = [
      ['ref', '$ref', '$REF', 'content-type', 'content.type', 'x509Certificates'],
      ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:core:2.0:user'],
      ['-', '.', 'ß', '7-up', 'a b', 'aB-cD', '_a', 'K\u212a', 'É'],
    ];
    for (const names of lists) {
      const ours = Object.fromEntries(fieldNames(names));
      expect(await ruby.value({ do: 'call', name: 'field_names', arguments: [names] })).toEqual(ours);
      expect(new Set(Object.values(ours)).size).toBe(names.length);
      expect(Object.values(ours).filter(isOdd)).toEqual([]);
    }
  });
});

const isOdd = (name: string): boolean => !accepted.test(name);

describe('a step that runs as in a recipe', () => {
  it.each(definition.actions)(
    'returns what Node returns, under the names of fields: $key',
    async (action) => {
      const { key, input, sampleInput } = action;
      const outcome = async (run: () => Promise<unknown>) => {
        await removeEverything();
        await populate();
        return run().then(
          (output) => masked(output),
          // A job's error begins with the code.
          (error: { code?: string; message: string }) => error.code ?? error.message.split(':')[0],
        );
      };
      const onNode = await outcome(() => world.run(key, sampleInput));
      const form = inputWithFieldNames(input, sampleInput);
      const onRuby = await outcome(() =>
        ruby.value({ do: 'invoke', key, input: form, settings: settings() }),
      );

      expect(withoutExchange(onRuby)).toEqual(withoutExchange(withFieldNames(onNode ?? {})));
      expect(keysIn(onRuby).filter(isOdd)).toEqual([]);
    },
  );

  it('sets attributes whose names are not accepted, and returns them', async () => {
    await removeEverything();
    const enterprise = 'urn_ietf_params_scim_schemas_extension_enterprise_2_0_user';
    const user = { userName: 'odd@example.com' };
    const given = {
      ...user,
      manager: { value: '26118915', ref: 'https://example.com/Users/26118915' },
      urn_other_1_0_user: { badge_no: 'B-7', level: '3' },
    };
    const created = await ruby.value({
      do: 'invoke',
      key: 'create_user',
      input: given,
      settings: settings(),
    });
    const stored = await world.actions.get_user({ user });

    expect(created).toMatchObject({
      [enterprise]: { manager: { value: '26118915', ref: 'https://example.com/Users/26118915' } },
      urn_other_1_0_user: { badge_no: 'B-7', level: 3 },
    });
    expect(stored).toMatchObject({
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
        manager: { value: '26118915', $ref: 'https://example.com/Users/26118915' },
      },
      'urn:other:1.0:User': { 'badge-no': 'B-7', level: 3 },
    });
  });

  it('returns what Node returns for rows of a batch', async () => {
    await removeEverything();
    const rows = [{ userName: 'row@example.com', urn_other_1_0_user: { badge_no: 'B-8' } }];
    const input = { action: 'create_user', rows };
    await ruby.value({ do: 'invoke', key: 'bulk_users', input, settings: settings() });

    expect(await world.actions.get_user({ user: { userName: 'row@example.com' } })).toMatchObject({
      'urn:other:1.0:User': { 'badge-no': 'B-8' },
    });
  });

  it('rejects an extension that the provider does not have', async () => {
    const input = { userName: 'none@example.com', urn_nobody_1_0_user: { a: 'b' } };
    const { error } = await ruby.ask({ do: 'execute', key: 'create_user', input, settings: settings() });

    expect(error).toMatch(/^invalid_input: .*urn_nobody_1_0_user/);
  });

  it.each(definition.triggers)(
    'polls, and has events under the names of fields: $key',
    async ({ key, input, sampleInput }) => {
      await removeEverything();
      await populate();
      const form = { ...(inputWithFieldNames(input, sampleInput) as object), startFrom: 'beginning' };
      const { events } = (await ruby.value({
        do: 'invoke',
        of: 'triggers',
        key,
        input: form,
        settings: settings(),
      })) as {
        readonly events: readonly unknown[];
      };

      expect(keysIn(events).filter(isOdd)).toEqual([]);
    },
  );
});

async function populate(): Promise<void> {
  const { id } = await world.actions.create_user({
    userName: 'ada@example.com',
    externalId: '00u1a2b3c4d5E6F7g8h9',
    emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
    department: 'Engineering',
    workato_role: 'Operator',
  });
  await world.actions.create_user({ userName: 'grace@example.com', active: false });
  await world.actions.create_group({ displayName: 'Engineering', members: [{ value: id }] });
}

async function removeEverything(): Promise<void> {
  for (const { id } of (await world.actions.search_groups({})).resources)
    await world.actions.delete_group({ group: { id } });
  for (const { id } of (await world.actions.search_users({})).resources)
    await world.actions.delete_user({ user: { id } });
}

const aboutTheExchange = new Set(['connection', 'keep_alive', 'date', 'content_length']);

/** Leaves out the headers of the exchange, which differ with the client. */
function withoutExchange(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, item) => (aboutTheExchange.has(name) ? undefined : item)));
}
