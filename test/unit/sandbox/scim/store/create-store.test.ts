import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResourceRecord } from '../../../../../sandbox/scim/resource/resource-record.ts';
import { groupType, userType } from '../../../../../sandbox/scim/schema/resource-types.ts';
import { createStore } from '../../../../../sandbox/scim/store/create-store.ts';

function record(sequence: number, attributes: ResourceRecord['attributes'], version = 1): ResourceRecord {
  const time = '2026-01-01T00:00:00.000Z';
  return {
    id: `id${sequence}`,
    type: 'User',
    sequence,
    version,
    created: time,
    lastModified: time,
    attributes,
  };
}

describe('createStore', () => {
  it('keeps lists in the order of creation, and indexes consistent, through any sequence of changes', () => {
    const step = fc.record({ key: fc.nat(9), name: fc.constantFrom('a', 'A', 'b', 'c'), gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = createStore([userType, groupType]);
        const model = new Map<number, ResourceRecord>();
        for (const { key, name, gone } of steps) {
          const before = model.get(key);
          if (gone && before === undefined) continue;
          const sequence = before?.sequence ?? store.nextSequence();
          const emails = [{ value: `${name}@x` }, { value: `${name}${name}@x` }];
          const after = gone ? undefined : record(sequence, { externalId: name, emails });
          store.commit([{ ...(before && { before }), ...(after && { after }) }]);
          if (after === undefined) model.delete(key);
          else model.set(key, after);
        }
        const all = [...model.values()].sort((left, right) => left.sequence - right.sequence);
        expect(store.list('User')).toEqual(all);
        for (const name of ['a', 'A', 'b', 'c']) {
          const exact = all.filter(({ attributes }) => attributes.externalId === name).map(({ id }) => id);
          expect([...store.lookup('User', 'externalId', name)].sort()).toEqual(exact.sort());
          expect(store.lookupSize('User', 'externalId', name)).toBe(exact.length);
          const folded = all
            .filter(({ attributes }) => String(attributes.externalId).toLowerCase() === name)
            .map(({ id }) => id);
          expect([...store.lookup('User', 'emails.value', `${name}${name}@x`)].sort()).toEqual(folded.sort());
        }
        for (const each of all) expect(store.get(each.id)).toBe(each);
      }),
    );
  });

  it('keeps its state if the journal cannot write', () => {
    const journal = {
      load: () => [],
      write: () => {
        throw new Error('disk full');
      },
      close: () => undefined,
    };
    const store = createStore([userType], journal);
    expect(() => store.commit([{ after: record(1, { userName: 'a' }) }])).toThrow('disk full');
    expect(store.list('User')).toEqual([]);
    expect([...store.lookup('User', 'userName', 'a')]).toEqual([]);
  });

  it('continues the sequence of the journal', () => {
    const journal = {
      load: () => [record(7, { userName: 'a' })],
      write: () => undefined,
      close: () => undefined,
    };
    expect(createStore([userType], journal).nextSequence()).toBe(8);
  });

  it('rejects unknown records', () => {
    const store = createStore([userType]);
    expect(() => store.lookup('User', 'title', 'x')).toThrow(/no index/);
    expect(() => store.commit([{ after: { ...record(1, {}), type: 'Thing' } }])).toThrow(/no resource type/);
  });
});
