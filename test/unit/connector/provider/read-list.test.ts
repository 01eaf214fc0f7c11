import { describe, expect, it } from 'vitest';
import { readList } from '../../../../connector/provider/read-list.ts';

describe('reading a list', () => {
  it.each([
    [
      { totalResults: 2, Resources: [1] },
      { resources: [1], totalResults: 2, nextCursor: undefined },
    ],
    [
      { totalResults: '2', resources: [1] },
      { resources: [1], totalResults: 2, nextCursor: undefined },
    ],
    [{ Resources: [] }, { resources: [], totalResults: undefined, nextCursor: undefined }],
    [{ totalResults: 0 }, { resources: [], totalResults: 0, nextCursor: undefined }],
    [
      { totalResults: -1, Resources: [] },
      { resources: [], totalResults: undefined, nextCursor: undefined },
    ],
    [
      { totalResults: 1.5, Resources: [] },
      { resources: [], totalResults: undefined, nextCursor: undefined },
    ],
    [
      { totalResults: 'many', Resources: [] },
      { resources: [], totalResults: undefined, nextCursor: undefined },
    ],
    [
      { Resources: [], nextCursor: 'c' },
      { resources: [], totalResults: undefined, nextCursor: 'c' },
    ],
    [
      { Resources: [], nextCursor: '' },
      { resources: [], totalResults: undefined, nextCursor: undefined },
    ],
    [
      { Resources: [], nextCursor: null },
      { resources: [], totalResults: undefined, nextCursor: undefined },
    ],
  ])('accepts %j', (body, page) => {
    expect(readList(body)).toEqual(page);
  });

  it.each([
    [undefined],
    [null],
    ['text'],
    [[]],
    [{}],
    [{ Resources: null }],
    [{ Resources: {}, totalResults: 1 }],
  ])('rejects %j as a provider_fault', (body) => {
    expect(() => readList(body)).toThrow(expect.objectContaining({ code: 'provider_fault' }));
  });
});
