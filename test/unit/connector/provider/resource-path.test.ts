import { describe, expect, it } from 'vitest';
import { lastSegment, resourcePath } from '../../../../connector/provider/resource-path.ts';
import { resourceNamed } from '../../../support/open-test-session.ts';

const user = resourceNamed('User');

describe('the path of a resource', () => {
  it.each(['2819c223', 'a/b', 'a?b#c', 'a b', '%2F', '..a', 'é', '😀', '\\', ';x', '\n'])(
    'keeps the ID %j in one segment, from which it can be read again',
    (id) => {
      const path = resourcePath(user, id);
      const url = new URL(`https://example.com/scim${path}`);

      expect(url.pathname.split('/')).toHaveLength(4);
      expect(url.search + url.hash).toBe('');
      expect(lastSegment(url.pathname)).toBe(id);
    },
  );

  it.each(['.', '..'])('does not let %j leave the path', (id) => {
    const url = new URL(`https://example.com/scim${resourcePath(user, id)}`);
    expect(url.pathname.startsWith('/scim/Users/')).toBe(true);
  });

  it('rejects a lone surrogate', () => {
    expect(() => resourcePath(user, 'a\udc00')).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});

describe('the last segment of a path', () => {
  it.each([
    ['/Users/1', '1'],
    ['/Users/a%20b', 'a b'],
    ['/Users/', ''],
    ['', ''],
    ['/Users/%zz', ''],
    ['/Users/%ff', ''],
  ])('of %j is %j', (path, segment) => {
    expect(lastSegment(path)).toBe(segment);
  });
});
