import { describe, expect, it } from 'vitest';
import { itemParameters } from '../../../hosts/n8n/runtime/item-parameters.ts';

/** A node with these parameters, of which n8n evaluates those with an expression for each item. */
function node(parameters: Readonly<Record<string, unknown>>) {
  const reads: string[] = [];
  const read = itemParameters({
    getNode: () => ({ id: 'node', type: 'scim', parameters }),
    getNodeParameter(name, item, fallback) {
      reads.push(`${name} of ${item}`);
      return name in parameters ? `${name} of ${item}` : fallback;
    },
  });
  return { read, reads };
}

describe('the parameters of items', () => {
  it.each([
    ['a text', 'Ada'],
    ['a switch', false],
    ['a collection without expressions', { values: [{ type: 'work', primary: true }] }],
    ['an empty collection', {}],
  ])('are read once if the parameter is %s', (_, value) => {
    const { read, reads } = node({ field: value });
    expect([read(0)('field', ''), read(1)('field', '')]).toEqual(['field of 0', 'field of 0']);
    expect(reads).toHaveLength(1);
  });

  it.each([
    ['an expression', '={{ $json.name }}'],
    ['a collection with an expression', { values: [{ type: 'work' }, { type: '={{ $json.type }}' }] }],
  ])('are read for each item if the parameter is %s', (_, value) => {
    const { read } = node({ field: value });
    expect([read(0)('field', ''), read(1)('field', '')]).toEqual(['field of 0', 'field of 1']);
  });

  it('are the default of the call if the node does not have the parameter', () => {
    const { read } = node({});
    expect([read(0)('field', 'one'), read(1)('field', 'two')]).toEqual(['one', 'two']);
  });

  it('are read again after a read that failed', () => {
    let fails = true;
    const read = itemParameters({
      getNode: () => ({ id: 'node', type: 'scim', parameters: { field: 'Ada' } }),
      getNodeParameter() {
        if (fails) throw new Error('Invalid input');
        return 'Ada';
      },
    });
    expect(() => read(0)('field', '')).toThrow('Invalid input');
    fails = false;
    expect(read(1)('field', '')).toBe('Ada');
  });
});
