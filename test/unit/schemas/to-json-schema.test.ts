import { describe, expect, it } from 'vitest';
import type { ScimAttribute } from '../../../schemas/scim-schema.ts';
import { attributesToProperties, attributeToJsonSchema } from '../../../schemas/to-json-schema.ts';

const sent = { direction: 'sent' } as const;
const received = { direction: 'received' } as const;
/** An attribute as a provider's own /Schemas has it, whatever the types here say. */
const odd = (attribute: object): ScimAttribute => attribute as ScimAttribute;

describe('a SCIM attribute as JSON Schema', () => {
  it.each([
    ['string', { type: 'string' }],
    ['boolean', { type: 'boolean' }],
    ['integer', { type: 'integer' }],
    ['decimal', { type: 'number' }],
    ['dateTime', { type: 'string', format: 'date-time' }],
    ['reference', { type: 'string' }],
    ['binary', { type: 'string' }],
  ] as const)('of type %s', (type, schema) => {
    expect(attributeToJsonSchema({ name: 'a', type }, sent)).toEqual({ title: 'A', ...schema });
  });

  it('is a list when it is multi-valued, with its canonical values as mere examples', () => {
    const attribute = {
      name: 'tags',
      type: 'string',
      multiValued: true,
      canonicalValues: ['a'],
      description: 'Tags.',
    } as const;

    expect(attributeToJsonSchema(attribute, sent)).toEqual({
      title: 'Tags',
      description: 'Tags.',
      type: 'array',
      items: { type: 'string', examples: ['a'] },
    });
  });

  it('has only writable attributes for input, and only readable ones for output', () => {
    const attributes: readonly ScimAttribute[] = [
      { name: 'id', type: 'string', mutability: 'readOnly' },
      { name: 'password', type: 'string', mutability: 'writeOnly', returned: 'never' },
      { name: 'title', type: 'string' },
      { name: 'born', type: 'dateTime', mutability: 'immutable', returned: 'request' },
    ];

    expect(Object.keys(attributesToProperties(attributes, sent))).toEqual(['password', 'title', 'born']);
    expect(Object.keys(attributesToProperties(attributes, received))).toEqual(['id', 'title', 'born']);
  });

  it('allows no unknown sub-attributes in input, and allows them in output', () => {
    const name: ScimAttribute = {
      name: 'name',
      type: 'complex',
      subAttributes: [{ name: 'x', type: 'string' }],
    };

    expect(attributeToJsonSchema(name, sent)).toHaveProperty('additionalProperties', false);
    expect(attributeToJsonSchema(name, received)).not.toHaveProperty('additionalProperties');
  });

  it('names the types of complex values after their attribute', () => {
    const options = { direction: 'sent', namePrefix: 'User' } as const;
    const named = (name: string, multiValued: boolean) => {
      const schema = attributeToJsonSchema({ name, type: 'complex', multiValued }, options);
      return schema.items?.['x-name'] ?? schema['x-name'];
    };

    expect([named('name', false), named('emails', true), named('addresses', true)]).toEqual([
      'UserNameInput',
      'UserEmailInput',
      'UserAddressInput',
    ]);
  });
});

describe('the odd attributes of a provider', () => {
  it.each([
    ['a type that SCIM does not know', { name: 'a', type: 'guid' }, { title: 'A', type: 'string' }],
    ['no type', { name: 'a' }, { title: 'A', type: 'string' }],
    ['a type in capitals', { name: 'a', type: 'String' }, { title: 'A', type: 'string' }],
    [
      'a complex type without sub-attributes',
      { name: 'a', type: 'complex' },
      { title: 'A', type: 'object', properties: {}, additionalProperties: false },
    ],
    [
      '"multiValued" as text',
      { name: 'a', type: 'string', multiValued: 'true' },
      { title: 'A', type: 'string' },
    ],
  ])('with %s become usable', (_, attribute, schema) => {
    expect(attributeToJsonSchema(odd(attribute), sent)).toEqual(schema);
  });

  it('with a name that objects inherit stay properties of their own', () => {
    const properties = attributesToProperties(
      [odd({ name: '__proto__', type: 'string' }), { name: 'constructor', type: 'string' }],
      sent,
    );

    expect(Object.keys(properties)).toEqual(['__proto__', 'constructor']);
  });
});
