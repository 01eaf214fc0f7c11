import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ActionDefinition, Field } from '../../connector/definition/definition.ts';
import { check } from '../../schemas/check.ts';
import { definition } from '../support/open-test-session.ts';

const { actions, triggers, sources, resources, connection } = definition;

/** A field and all below it, each with the keys that lead to it. */
function within(field: Field, path: string): readonly (readonly [string, Field])[] {
  const here = `${path}.${field.key}`;
  return [[here, field], ...(field.fields ?? []).flatMap((inner) => within(inner, here))];
}

const fieldsOf = (fields: readonly Field[], path: string) => fields.flatMap((field) => within(field, path));

/** Fields that the manifest itself writes; those below them have the words of the SCIM schemas. */
const written: readonly (readonly [string, Field])[] = [
  ...[...connection.fields, ...connection.auth.methods.flatMap(({ fields }) => fields)].map(
    (field) => [`connection.${field.key}`, field] as const,
  ),
  ...Object.values(resources).flatMap(({ name, fields, reference }) =>
    [reference, ...(reference.fields ?? []), ...fields].map(
      (field) => [`${name}.${field.key}`, field] as const,
    ),
  ),
  ...[...actions, ...triggers].flatMap(({ key, fields }) =>
    fields.map((field) => [`${key}.${field.key}`, field] as const),
  ),
  ...sources.flatMap(({ type, fields, subscription }) =>
    [...fields, ...(subscription?.fields ?? [])].map((field) => [`${type}.${field.key}`, field] as const),
  ),
];
const everyField = [...written, ...actions.flatMap(({ key, fields }) => fieldsOf(fields, key))];

/** Words that keep their capitals inside a label. */
const properNames = new Set([
  'API',
  'Azure',
  'DEV',
  'ETag',
  'HTTP',
  'ID',
  'JWKS',
  'Okta',
  'PROD',
  'PUT',
  'Polis',
  'SCIM',
  'TEST',
  'URL',
  'Workato',
]);

function isSentenceCase(label: string): boolean {
  const [first = '', ...rest] = label.split(/[ ()]+/).filter((word) => word !== '');
  return /^[A-Z]/.test(first) && rest.every((word) => properNames.has(word) || word === word.toLowerCase());
}

/** Each sentence of a text; a period that ends no sentence, as in "X.509", splits nothing. */
const sentencesOf = (text: string): readonly string[] => text.split(/(?<=[.?!]["')]?) (?=[A-Z])/);

/** One to three sentences that end with a period. */
function expectSentences(text: string): void {
  const sentences = sentencesOf(text);
  expect(sentences.length).toBeLessThanOrEqual(3);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*[\w)"]\.$/);
  expect(isTidy(text), text).toBe(true);
}

/** Turns that read as translated, by docs/glossary.md, and the words for them. */
// cspell:disable
const flagged: readonly RegExp[] = [
  /\b(told|tells?|beside|anew|mend|somebody|nobody|whoever|whom|everybody)\b/i,
  /\b(gives?|given back|taken?) (away|back|nothing|it|that|what)\b/i,
  /\b(stands?|comes? again|comes? round|for ever|made of|so many|left out|looks? (for|at|up))\b/i,
  /\b(is|are) (none|no)\b/i,
  /\bwho (is|are) missing\b/i,
  /\b(e-mail|user name|time-out|licence|ids?)\b/,
  /\b(step|recipe)\b/i,
];
// cspell:enable

const isTidy = (text: string): boolean => text === text.trim() && !/\s{2}|\s[.,;:]/.test(text);

describe.each(actions)('$key', ({ key, title, description, sampleInput, sample, input, output, group }) => {
  it('has a key of a verb and a noun, and a title and a heading in sentence case', () => {
    expect(key).toMatch(/^[a-z]+(_[a-z]+)+$/);
    expect(isSentenceCase(title), title).toBe(true);
    expect(isSentenceCase(group), group).toBe(true);
  });

  it('is described by sentences that begin with a verb in the third person', () => {
    expectSentences(description);
    expect(description).toMatch(/^[A-Z][a-z]+s /);
  });

  it('accepts its own sample input, and returns what its sample shows', () => {
    expect(check(input, sampleInput)).toEqual([]);
    expect(check(output, sample)).toEqual([]);
    expect(sample).toBeDefined();
  });
});

describe.each(triggers)(
  '$key',
  ({ title, nounTitle, group, description, sampleInput, input, output, sample }) => {
    it('has two titles and a heading in sentence case', () => {
      for (const label of [title, nounTitle, group]) expect(isSentenceCase(label), label).toBe(true);
    });

    it('is described by when it triggers', () => {
      expectSentences(description);
      expect(description).toMatch(/^Triggers (when|on) /);
    });

    it('accepts its own sample input, and emits what its sample shows', () => {
      expect(check(input, sampleInput)).toEqual([]);
      expect(check(output, sample)).toEqual([]);
    });
  },
);

describe.each(sources)('$type', ({ title, description }) => {
  it('has a title in sentence case, and is described by what it receives', () => {
    expect(isSentenceCase(title), title).toBe(true);
    expectSentences(description);
    expect(description).toMatch(/^(Receives|Polls) /);
  });
});

describe('every text of the manifest and of the SCIM schemas', () => {
  const files = [
    'manifest.json',
    ...['Common', 'EnterpriseUser', 'Group', 'User', 'WorkatoRole'].map(
      (name) => `schemas/scim/${name}.json`,
    ),
  ];

  it.each(files)('%s has no banned phrases', (file) => {
    const texts = textsIn(JSON.parse(readFileSync(file, 'utf8')));
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.filter((text) => flagged.some((turn) => turn.test(text)))).toEqual([]);
  });
});

/** The labels and sentences in a value: what is written under these keys. */
function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'string' && ['title', 'nounTitle', 'help', 'description', 'group'].includes(key)
      ? [item]
      : textsIn(item),
  );
}

describe('every field that the manifest writes', () => {
  it.each(written)('%s has a label in sentence case and help of whole sentences', (_, { title, help }) => {
    expect(isSentenceCase(title), title).toBe(true);
    expect(title).not.toMatch(/[.:]$/);
    expectSentences(help);
  });

  it('has help without an article at its start', () => {
    const withArticle = written.filter(([, { help }]) => /^(A|An|The) /.test(help));
    expect(withArticle.map(([path, { help }]) => [path, help])).toEqual([]);
  });

  it('says what a switch decides', () => {
    const switches = everyField.filter(([, { kind }]) => kind === 'boolean');
    expect(switches.length).toBeGreaterThan(3);
    expect(switches.filter(([, { help }]) => !help.startsWith('Whether ')).map(([path]) => path)).toEqual([]);
  });

  it('names a unit next to its label wherever its key has one', () => {
    const units: Readonly<Record<string, string>> = {
      InMs: 'milliseconds',
      InSeconds: 'seconds',
      Bytes: 'bytes',
    };
    const wrong = written.filter(([path, { unit }]) => {
      const [, suffix = ''] = /(InMs|InSeconds|Bytes)$/.exec(path) ?? [];
      return suffix !== '' && unit !== units[suffix];
    });
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  it('says more in its help than in its label', () => {
    const same = written.filter(
      ([, { title, help }]) => help.toLowerCase().replace(/\.$/, '') === title.toLowerCase(),
    );
    expect(same.map(([path]) => path)).toEqual([]);
  });
});

describe('every field, also those that the SCIM schemas write', () => {
  it('has a tidy label and help', () => {
    const untidy = everyField.filter(
      ([, { title, help }]) => !isTidy(title) || !isTidy(help) || title === '' || !/\.$/.test(help),
    );
    expect(untidy.map(([path, { title, help }]) => [path, title, help])).toEqual([]);
  });

  it('has a valid sample, from its pick list if that is closed', () => {
    const wrong = everyField.filter(
      ([, { sample, schema }]) => sample !== undefined && check(schema, sample).length > 0,
    );
    expect(wrong.map(([path, { sample }]) => [path, sample])).toEqual([]);
  });

  it('has a valid default', () => {
    const wrong = everyField.filter(
      ([, field]) => field.default !== undefined && check(field.schema, field.default).length > 0,
    );
    expect(wrong.map(([path]) => path)).toEqual([]);
  });

  it('shows no sample of a secret', () => {
    const secrets = everyField.filter(([, { secret }]) => secret);
    expect(secrets.length).toBeGreaterThan(0);
    for (const [, { schema }] of secrets) expect(schema).not.toHaveProperty('examples');
  });
});

describe('all actions', () => {
  it('have unique keys and titles', () => {
    expect(new Set(actions.map(({ key }) => key)).size).toBe(actions.length);
    expect(new Set(actions.map(({ title }) => title)).size).toBe(actions.length);
  });

  it('require no field that has a default', () => {
    const both = everyField.filter(([, field]) => field.required && field.default !== undefined);
    expect(both.map(([path]) => path)).toEqual([]);
  });

  it('that only read, set, or remove are idempotent; those that create are not', () => {
    const unsafe = actions.filter(({ idempotent }) => !idempotent).map(({ key }) => key);
    expect(unsafe).toEqual(['create_user', 'create_group', 'custom_request']);
  });

  it('read exactly where their operation only reads, and are destructive where it deletes', () => {
    const reading = actions.filter(({ effect }) => effect === 'read');
    expect(reading.every(({ idempotent }) => idempotent)).toBe(true);
    const readOnly = actions.filter(({ operation }) =>
      ['read', 'search', 'list_groups', 'list_members', 'plan', 'discover'].includes(operation.type),
    );
    expect(reading.map(({ key }) => key)).toEqual(readOnly.map(({ key }) => key));
    const harmless = actions
      .filter(({ effect }) => effect !== 'destructive')
      .map(({ operation }) => operation);
    expect(harmless.filter(canTakeAway)).toEqual([]);
  });

  it('declare for each bulk action one field that selects the action of the rows', () => {
    const bulk = actions.filter(({ operation }) => operation.type === 'bulk');
    expect(bulk.length).toBeGreaterThan(0);
    for (const { fields, operation } of bulk) {
      const selectors = fields.filter(({ choosesRows }) => choosesRows);
      expect(selectors).toHaveLength(1);
      const values = selectors[0]?.pickList?.map(({ value }) => value);
      expect(values).toEqual(operation.type === 'bulk' ? operation.actions : undefined);
    }
  });
});

/** Whether an operation can end access or remove data whatever its input is. */
function canTakeAway(operation: ActionDefinition['operation']): boolean {
  switch (operation.type) {
    case 'delete':
    case 'replace':
    case 'request':
    case 'bulk':
    case 'apply':
      return true;
    case 'members':
      return operation.change === 'remove';
    case 'patch':
      return operation.onGone === 'done';
    default:
      return false;
  }
}

describe('every form', () => {
  const forms: readonly (readonly [string, readonly Field[]])[] = [
    ['connection', [...connection.fields, ...connection.auth.methods.flatMap(({ fields }) => fields)]],
    ...[...actions, ...triggers].map(({ key, fields }) => [key, fields] as const),
    ...sources.map(
      ({ type, fields, subscription }) => [type, [...fields, ...(subscription?.fields ?? [])]] as const,
    ),
  ];

  it.each(forms)('%s has no two fields with the same label', (_, fields) => {
    const titles = fields.map(({ title }) => title);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });
});

describe('all triggers', () => {
  it('have unique titles', () => {
    for (const titles of [triggers.map(({ title }) => title), triggers.map(({ nounTitle }) => nounTitle)])
      expect(new Set(titles).size).toBe(triggers.length);
  });

  it('mark exactly the polling fields', () => {
    for (const { key, fields } of triggers)
      expect(
        fields.filter(({ polling }) => polling).map((field) => field.key),
        key,
      ).toEqual([
        'startFrom',
        'strategy',
        'massChangeLimit',
        'massChangePercent',
        'approve',
        'pageSize',
        'fullReadIntervalInMinutes',
        'lookBackInSeconds',
      ]);
  });
});
