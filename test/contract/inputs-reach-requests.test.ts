import { describe, expect, it } from 'vitest';
import type { ActionDefinition } from '../../connector/definition/definition.ts';
import { check } from '../../schemas/check.ts';
import { createAgreeableProvider } from '../support/agreeable-provider.ts';
import { definition, openTestSession } from '../support/open-test-session.ts';
import { choicesOf, type Place, withValue } from '../support/values-of.ts';

/** The places of an action's form; of a reference, one for each way to name it. */
function placesOf({ fields }: ActionDefinition) {
  return fields.flatMap(({ key, schema }) => choicesOf(schema, [key]));
}

/** What stands for fields that take no text at will. */
const special: Readonly<Record<string, readonly [unknown, unknown]>> = {
  filter: ['displayName eq "value-a"', 'displayName eq "value-b"'],
  sortBy: ['displayName', 'externalId'],
  attributes: [['displayName'], ['externalId']],
  excludedAttributes: [['displayName'], ['externalId']],
  path: ['/value-a', '/value-b'],
  rows: [[{ userName: 'value-a' }], [{ userName: 'value-b' }]],
};

/** What the rest of the input must be for a field to have an effect. */
const around: Readonly<Record<string, object>> = {
  allowEmpty: { members: [] },
  matchBy: { externalId: 'external' },
  'bulk_users.matchBy': { rows: [{ userName: 'ada', externalId: 'external' }] },
};

/** Everything that went out, in plain letters. */
async function requestsOf(key: string, input: unknown): Promise<string> {
  const { ifVersion } = input as { readonly ifVersion?: string };
  const platform = createAgreeableProvider(ifVersion);
  // What the provider's answer leads to does not matter here, only what it was asked.
  await openTestSession(platform)
    .runAction(key, input)
    .catch(() => undefined);
  return platform.sent
    .map(({ method, url, headers, body = '' }) =>
      [method, decodeURIComponent(url), headers['if-match'] ?? '', body].join(' '),
    )
    .join('\n');
}

/** The sample input, with nothing at the place but the value; a reference has one way only. */
function inputWith({ key, sampleInput, fields }: ActionDefinition, place: Place, value: unknown): unknown {
  const [first = ''] = place;
  const isReference = fields.some((field) => field.key === first && field.kind.startsWith('reference'));
  const needed = around[`${key}.${first}`] ?? around[first];
  const base = { ...sampleInput, ...needed, ...(isReference && { [first]: undefined }) };
  return withValue(base, place, value);
}

/** A plan reads the same whatever is desired, and is applied by what it says: sync-inputs.test.ts has their fields. */
const syncs: ReadonlySet<string> = new Set(['plan', 'apply']);
const actions = definition.actions.filter(({ operation }) => !syncs.has(operation.type));

const cases = actions.flatMap((action) =>
  placesOf(action).map(({ place, values }) => ({
    name: `${action.key}: ${place.join('.')}`,
    action,
    place,
    values: special[place.join('.')] ?? values,
  })),
);

describe('every field of every action changes the request', () => {
  it.each(cases)('$name', async ({ action, place, values: [one, other] }) => {
    const inputs = [inputWith(action, place, one), inputWith(action, place, other)];
    for (const input of inputs) expect(check(action.input, input)).toEqual([]);

    const [first = '', second = ''] = await Promise.all(inputs.map((input) => requestsOf(action.key, input)));

    expect(first).not.toBe('');
    expect(first).not.toBe(second);
    if (typeof one === 'string' && one.startsWith('value-')) {
      expect(first).toContain(one);
      expect(second).toContain(other);
    }
  });

  it('covers every action that has fields', () => {
    const without = definition.actions.filter(({ fields }) => fields.length === 0).map(({ key }) => key);
    expect(without).toEqual(['discover_provider']);
    expect(cases.length).toBeGreaterThan(300);
  });
});
