import { describe, expect, it } from 'vitest';
import { readInput, withDefaults } from '../../../connector/read-input.ts';
import { actionOf } from '../../support/open-test-session.ts';

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, limit: { type: 'integer', default: 1000 } },
  required: ['name'],
  additionalProperties: false,
} as const;

describe('readInput', () => {
  it('fills in the defaults of omitted fields, and of no others', () => {
    expect(readInput(schema, { name: 'x' })).toEqual({ name: 'x', limit: 1000 });
    expect(readInput(schema, { name: 'x', limit: 1 })).toEqual({ name: 'x', limit: 1 });
    expect(readInput(schema, { name: 'x', limit: undefined })).toEqual({ name: 'x', limit: 1000 });
  });

  it('reads no values from a key named __proto__', () => {
    const { limit, ...rest } = withDefaults(
      schema,
      JSON.parse('{"name":"x","__proto__":{"limit":7,"other":1}}'),
    );

    expect(limit).toBe(1000);
    expect(rest).toEqual({ name: 'x' });
    expect(rest).not.toHaveProperty('other');
  });

  it.each([{}, { name: 7 }, { name: 'x', other: 1 }, 'x', null])('rejects %j', (given) => {
    expect(() => readInput(schema, given)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  it('knows no default for an attribute of a user that an action writes', () => {
    const defaults = Object.keys(readInput(actionOf('update_user').input, { user: { id: '1' } }));
    expect(defaults).toEqual(['user']);
  });
});
