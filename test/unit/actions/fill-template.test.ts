import { describe, expect, it } from 'vitest';
import { fillTemplate } from '../../../actions/fill-template.ts';

describe('a template', () => {
  it('is filled with the values themselves, of any kind, and by maps in paths', () => {
    const operations = fillTemplate(
      [
        { op: 'replace', path: 'urn:x:User:{where}', value: '{what}' },
        { op: 'add', path: 'roles', value: [{ value: '{what}', note: 'not {what}', n: 1 }] },
        { op: 'remove', path: 'x' },
      ],
      { where: { a: 'mapped' } },
      { where: 'a', what: { any: ['thing'] } },
    );

    expect(operations).toEqual([
      { op: 'replace', path: 'urn:x:User:mapped', value: { any: ['thing'] } },
      { op: 'add', path: 'roles', value: [{ value: { any: ['thing'] }, note: 'not {what}', n: 1 }] },
      { op: 'remove', path: 'x' },
    ]);
  });

  it('does not expand placeholders inside a value', () => {
    const [operation] = fillTemplate([{ op: 'replace', path: 'a', value: '{what}' }], {}, { what: '{what}' });
    expect(operation?.value).toBe('{what}');
  });
});
