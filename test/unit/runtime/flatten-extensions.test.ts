import { describe, expect, it } from 'vitest';
import { flattenExtensions } from '../../../runtime/index.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const acme = 'urn:acme:params:scim:schemas:extension:access:1.0:User';

describe('flattenExtensions', () => {
  it('reads the attributes of every extension next to those of the resource', () => {
    const user = {
      id: '1',
      userName: 'ada@example.com',
      [enterprise]: { department: 'Research', manager: { value: '2' } },
      [acme]: { acmeRole: 'approver' },
    };
    expect(flattenExtensions(user)).toEqual({
      id: '1',
      userName: 'ada@example.com',
      department: 'Research',
      manager: { value: '2' },
      acmeRole: 'approver',
    });
  });

  it('leaves the resource as it was', () => {
    const user = Object.freeze({ id: '1', [enterprise]: Object.freeze({ department: 'Research' }) });
    flattenExtensions(user);
    expect(user).toEqual({ id: '1', [enterprise]: { department: 'Research' } });
  });

  it('keeps the value of the resource where an extension has the same name', () => {
    expect(flattenExtensions({ [acme]: { id: 'evil', active: true }, id: '1', active: false })).toEqual({
      id: '1',
      active: false,
    });
  });

  it('omits a name that two extensions share', () => {
    const user = { id: '1', [enterprise]: { role: 'a', department: 'Research' }, [acme]: { role: 'b' } };
    expect(flattenExtensions(user)).toEqual({ id: '1', department: 'Research' });
  });

  it('treats "__proto__" and "constructor" as names like any other', () => {
    const user = JSON.parse(`{"id":"1","${acme}":{"__proto__":{"admin":true},"constructor":"x"}}`);
    const flat = flattenExtensions(user) as Record<string, unknown>;
    expect(Object.hasOwn(flat, '__proto__')).toBe(true);
    expect(flat.admin).toBeUndefined();
    expect(flat.constructor).toBe('x');
  });

  it('keeps a member that is named by a URI and is no object', () => {
    expect(flattenExtensions({ id: '1', [acme]: 'text' })).toEqual({ id: '1', [acme]: 'text' });
  });
});
