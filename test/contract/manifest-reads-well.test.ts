import { describe, expect, it } from 'vitest';
import type { ActionDefinition, Field } from '../../connector/definition/definition.ts';
import { check } from '../../schemas/check.ts';
import { definition } from '../support/open-test-session.ts';

const { actions, resources, connection } = definition;

/** A field and all below it, each with the keys that lead to it. */
function within(field: Field, path: string): readonly (readonly [string, Field])[] {
  const here = `${path}.${field.key}`;
  return [[here, field], ...(field.fields ?? []).flatMap((inner) => within(inner, here))];
}

const fieldsOf = (fields: readonly Field[], path: string) => fields.flatMap((field) => within(field, path));

/** Fields that the manifest itself writes; those below them have the words of the SCIM schemas. */
const written: readonly (readonly [string, Field])[] = [
  ...connection.fields.map((field) => [`connection.${field.key}`, field] as const),
  ...Object.values(resources).flatMap(({ name, fields, reference }) =>
    [reference, ...(reference.fields ?? []), ...fields].map(
      (field) => [`${name}.${field.key}`, field] as const,
    ),
  ),
  ...actions.flatMap(({ key, fields }) => fields.map((field) => [`${key}.${field.key}`, field] as const)),
];
const everyField = [...written, ...actions.flatMap(({ key, fields }) => fieldsOf(fields, key))];

/** Words that keep their capitals inside a label. */
const names = new Set(['SCIM', 'ID', 'URL', 'X.509', 'Workato', '(DEV)', '(TEST)', '(PROD)', 'IANA', 'HTTP']);

function isSentenceCase(label: string): boolean {
  const [first = '', ...rest] = label.split(' ');
  return /^[A-Z]/.test(first) && rest.every((word) => names.has(word) || word === word.toLowerCase());
}

const isTidy = (text: string): boolean => text === text.trim() && !/\s{2}|\s[.,;:]/.test(text);

describe.each(actions)('$key', ({ key, title, description, sampleInput, sample, input, output, group }) => {
  it('has a key of a verb and a noun, and a title and a heading in sentence case', () => {
    expect(key).toMatch(/^[a-z]+(_[a-z]+)+$/);
    expect(isSentenceCase(title), title).toBe(true);
    expect(isSentenceCase(group), group).toBe(true);
  });

  it('says in one sentence, that begins with a verb in the third person, what it does', () => {
    expect(description).toMatch(/^[A-Z][a-z]+s [^.]+\.$/);
    expect(isTidy(description)).toBe(true);
  });

  it('takes its own sample input, and gives what its sample looks like', () => {
    expect(check(input, sampleInput)).toEqual([]);
    expect(check(output, sample)).toEqual([]);
    expect(sample).toBeDefined();
  });
});

describe('every field that the manifest writes', () => {
  it.each(written)(
    '%s has a label in sentence case and help that ends with a full stop',
    (_, { title, help }) => {
      expect(isSentenceCase(title), title).toBe(true);
      expect(help).toMatch(/^[A-Z].*\.$/);
      expect(isTidy(title) && isTidy(help)).toBe(true);
      expect(title).not.toMatch(/[.:]$/);
    },
  );

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

  it('has a sample that it takes, and one of its pick-list where that is closed', () => {
    const wrong = everyField.filter(
      ([, { sample, schema }]) => sample !== undefined && check(schema, sample).length > 0,
    );
    expect(wrong.map(([path, { sample }]) => [path, sample])).toEqual([]);
  });

  it('has a default that it takes', () => {
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

describe('the actions together', () => {
  it('have keys and titles of their own', () => {
    expect(new Set(actions.map(({ key }) => key)).size).toBe(actions.length);
    expect(new Set(actions.map(({ title }) => title)).size).toBe(actions.length);
  });

  it('have no two fields with one key or one label', () => {
    const twice = actions.flatMap((action: ActionDefinition) => {
      const titles = action.fields.map(({ title }) => title);
      return titles
        .filter((title, index) => titles.indexOf(title) !== index)
        .map((title) => [action.key, title]);
    });
    expect(twice).toEqual([]);
  });

  it('ask for nothing that has a default', () => {
    const both = everyField.filter(([, field]) => field.required && field.default !== undefined);
    expect(both.map(([path]) => path)).toEqual([]);
  });

  it('that only read, set or take away are safe to repeat; those that make anew are not', () => {
    const unsafe = actions.filter(({ idempotent }) => !idempotent).map(({ key }) => key);
    expect(unsafe).toEqual(['create_user', 'create_group', 'custom_request']);
  });
});
