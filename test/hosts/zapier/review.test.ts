import { describe, expect, it } from 'vitest';
import acme from '../../../examples/overlays/acme.json' with { type: 'json' };
import type { OutputField } from '../../../hosts/zapier/form/output-fields.ts';
import type { ZapierField } from '../../../hosts/zapier/form/zapier-field.ts';
import { platformVersion } from '../../../hosts/zapier/package-zapier.ts';
import { readConnectionData, readEventService } from '../../../hosts/zapier/runtime/connection-data.ts';
import { createApp } from '../../../hosts/zapier/runtime/create-app.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { readTime } from '../../../scim/timestamps.ts';
import tools from '../../../tools/zapier-platform/package.json' with { type: 'json' };
import { definition } from '../../support/open-test-session.ts';

// The static checks of Zapier's review, which run on its servers only, by the text of its reference:
// https://docs.zapier.com/integrations/publish/integration-checks-reference
// D002, a link to the page with the credential, cannot be met: that page is another one for each provider.

const app = createApp(loadManifest([acme]), { version: '1.2.3', platformVersion });

interface Entry {
  readonly kind: 'triggers' | 'creates' | 'searches';
  readonly key: string;
  readonly noun: string;
  readonly display: { readonly label: string; readonly description: string; readonly hidden?: boolean };
  readonly operation: {
    readonly type?: string;
    readonly cleanInputData: boolean;
    readonly inputFields?: readonly unknown[];
    readonly outputFields?: readonly OutputField[];
    readonly sample: Readonly<Record<string, unknown>>;
    readonly [name: string]: unknown;
  };
}

const entries = (['triggers', 'creates', 'searches'] as const).flatMap((kind) =>
  Object.values(app[kind]).map((entry) => ({ ...entry, kind }) as unknown as Entry),
);
const visible = entries.filter(({ display }) => display.hidden !== true);

function fieldsOf({ operation }: Entry): readonly ZapierField[] {
  const fields = (operation.inputFields ?? []).filter((field): field is ZapierField => isRecord(field));
  return fields.flatMap((field) => [field, ...(field.children ?? [])]);
}

function named(list: readonly Entry[]): readonly (readonly [string, Entry])[] {
  return list.map((entry) => [`${entry.kind}.${entry.key}`, entry]);
}

describe('the static checks of Zapier', () => {
  it('D001: no step asks for a credential, other than the initial password of a user', () => {
    const keys = entries.flatMap((entry) => fieldsOf(entry).map(({ key }) => key));
    const sensitive = keys.filter((key) => /api.?key|token|secret|password|credential/i.test(key));

    expect([...new Set(sensitive)]).toEqual(['password']);
  });

  it('D003: a connection has a label, from the result of its test', () => {
    expect(app.authentication.connectionLabel).toBe('{{provider}} ({{host}})');
  });

  it.each(named(visible))(
    'D004, D005, D013: references of %s have a list and a search that exist',
    (_, entry) => {
      const references = fieldsOf(entry).filter(({ key }) =>
        fieldsOf(entry).some((field) => field.key === `${key}_by`),
      );
      for (const { dynamic = '', search } of references) {
        const [list = ''] = dynamic.split('.');
        expect(Object.keys(app.triggers)).toContain(list);
        if (search !== undefined) expect(Object.keys(app.searches)).toContain(search.split('.')[0]);
      }
    },
  );

  it.each(named(entries))('D014: a search of %s fills a single value', (_, entry) => {
    for (const { search, list, children, type } of fieldsOf(entry))
      if (search !== undefined) expect({ list, children, type }).toEqual({ type: 'string' });
  });

  const hooks = visible.filter(({ operation }) => operation.type === 'hook');

  it('D006, D016, D017: every instant trigger can be subscribed to, and lists samples', () => {
    expect(hooks).toHaveLength(10);
    for (const { operation } of hooks)
      for (const name of ['perform', 'performList', 'performSubscribe', 'performUnsubscribe'])
        expect(operation[name]).toBeTypeOf('function');
  });

  it('D007, D008: no text has a URL without encryption, or one that is neither a link nor code', () => {
    for (const text of entries.flatMap((entry) => textsOf([entry.display, fieldsOf(entry)]))) {
      expect(text.replaceAll(/`[^`]*`/g, '')).not.toMatch(/https?:\/\//);
      expect(text).not.toMatch(/\[[^\]]*\((?!\))/);
    }
  });

  it.each(named(visible.filter(({ kind }) => kind === 'searches')))(
    'D009: %s has a field to search by, or has nothing to search',
    (_, entry) => {
      const isAlone = !Array.isArray(entry.operation.sample) && entry.operation.sample.id === undefined;
      expect(fieldsOf(entry).length > 0 || isAlone).toBe(true);
    },
  );

  it.each(named(visible))('D010, D012: %s has a sample, with its primary key', (_, { kind, operation }) => {
    expect(Object.keys(operation.sample).length).toBeGreaterThan(0);
    if (kind === 'triggers') {
      const primary = operation.outputFields?.filter((field) => field.primary).map(({ key }) => key);
      expect(primary).toEqual(['id']);
      expect(operation.sample.id).toBeTypeOf('string');
    }
  });

  it.each(named(visible))('D011: %s has no help that repeats the label', (_, entry) => {
    for (const { label, helpText = '' } of fieldsOf(entry))
      expect(helpText.replace(/\.$/, '').toLowerCase()).not.toBe(label.toLowerCase());
  });

  it('no help speaks of the form of another host', () => {
    const helps = visible.flatMap((entry) => fieldsOf(entry).map(({ helpText = '' }) => helpText));
    for (const help of helps) expect(help).not.toContain('these fields');
    expect(helps).toContain('Users to add. Select from the list, or enter what "Identify Members By" says.');
  });

  it('D015: each pair of a search and a create has both', () => {
    expect(Object.keys(app.searchOrCreates)).toHaveLength(2);
    for (const { key, search, create } of Object.values(app.searchOrCreates)) {
      expect(key).toBe(search);
      expect(Object.keys(app.searches)).toContain(search);
      expect(Object.keys(app.creates)).toContain(create);
    }
  });

  it.each(named(visible))('D018: the label of %s is in title case', (_, { display }) => {
    const small = /^(a|an|and|as|at|by|for|from|in|of|on|or|the|to|with)$/;
    for (const [index, word] of display.label.split(' ').entries())
      expect(word).toMatch(index > 0 && small.test(word) ? small : /^[(A-Z]/);
  });

  it.each(named(visible.filter(({ kind }) => kind === 'triggers')))(
    'D021: the description of %s says when it triggers',
    (_, { display }) => {
      expect(display.description).toMatch(/^Triggers when .*\.$/);
    },
  );

  it.each(named(visible.filter(({ kind }) => kind === 'creates')))(
    'D022: %s has fields for all users',
    (_, entry) => {
      expect(fieldsOf(entry).length).toBeGreaterThan(0);
    },
  );

  it.each(named(visible))('D023: times in the sample of %s have a zone', (_, { operation }) => {
    for (const text of textsOf(operation.sample))
      if (/^\d{4}-\d\d-\d\dT/.test(text)) expect(text).toMatch(/(Z|[+-]\d\d:?\d\d)$/);
  });

  it.each(named(visible))('D024: the sample of %s has the types of its output fields', (_, { operation }) => {
    for (const { key, type } of operation.outputFields ?? [])
      for (const value of valuesAt(operation.sample, key)) expect(isOfType(value, type), key).toBe(true);
  });

  it('D025: the app has no URL that runs code', () => {
    for (const text of textsOf(app)) expect(text).not.toMatch(/\b(javascript|vbscript|data):\S/i);
  });

  it.each([
    'http://scim.example.com',
    'https://localhost/scim',
    'https://10.1.2.3/scim',
    'https://[::1]/scim',
  ])('D026: a connection cannot use %s', async (url) => {
    const given = { baseUrl: url, token: 'secret' };
    await expect(readConnectionData(definition, given)).rejects.toThrow(/baseUrl/);
    const service = { serviceUrl: url, serviceToken: 'secret' };
    await expect(readEventService(service)).rejects.toThrow(/serviceUrl/);
  });

  it('D027: the app declares the platform version that its tests have installed', () => {
    expect(platformVersion).toBe(tools.dependencies['zapier-platform-core']);
    expect(tools.dependencies['zapier-platform-cli']).toBe(platformVersion);
  });

  it('D028: nothing is removed from what a step passes on', () => {
    expect(app.flags.cleanInputData).toBe(false);
    for (const { operation } of entries) expect(operation.cleanInputData).toBe(false);
  });

  it.each(named(entries))('%s has unique keys of its fields', (_, entry) => {
    const keys = fieldsOf(entry).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

/** All texts in a value. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return /^(urn:|https:\/\/\S+$)/.test(value) ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** The values at Zapier's key of an output field: `emails[]value`, `name__givenName`. */
function valuesAt(sample: unknown, key: string): readonly unknown[] {
  const [, name = '', rest] = /^(.+?)(?:(?:\[\]|__)(.+))?$/.exec(key) ?? [];
  const value = isRecord(sample) ? sample[name] : undefined;
  const list = (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== null);
  return rest === undefined ? list : list.flatMap((one) => valuesAt(one, rest));
}

function isOfType(value: unknown, type: OutputField['type']): boolean {
  if (type === 'datetime') return readTime(value) !== undefined;
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
