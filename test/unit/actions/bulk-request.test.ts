import { describe, expect, it } from 'vitest';
import { type BulkOperation, isDone, readBulkResponse } from '../../../actions/bulk-request.ts';

const post = (row: number): BulkOperation => ({ row, step: { method: 'POST', path: '/Users', body: {} } });
const patch = (row: number, id: string): BulkOperation => ({
  row,
  step: { method: 'PATCH', path: `/Users/${id}`, body: {} },
});
const location = (id: string): string => `https://scim.example.com/Users/${id}`;
const read = (operations: readonly BulkOperation[], answers: readonly object[]): readonly unknown[] =>
  [
    ...readBulkResponse(operations, {
      status: 200,
      headers: {},
      body: { Operations: answers },
      attempts: 1,
    }),
  ].map(([row, response]) => [row, isDone(response), response.headers.location]);

describe('the answers of a bulk response', () => {
  it('belong to their operations by bulkId, in any order, with the status as text, number, or object', () => {
    expect(
      read(
        [post(0), post(1), post(2)],
        [
          { bulkId: 'row2', status: { code: 201 }, location: location('c') },
          { bulkId: 'row0', status: 201, location: location('a') },
          { bulkId: 'row1', status: '409' },
        ],
      ),
    ).toEqual([
      [0, true, location('a')],
      [1, false, ''],
      [2, true, location('c')],
    ]);
  });

  it.each([['500'], ['503'], ['408'], ['302'], ['201 Created'], [null], [undefined]])(
    'prove nothing with the status %s',
    (status) => {
      expect(read([post(0)], [{ bulkId: 'row0', status }])).toEqual([]);
    },
  );

  it('prove nothing if two have the same bulkId', () => {
    expect(
      read(
        [post(0), post(1)],
        [
          { bulkId: 'row0', status: '201', location: location('a') },
          { bulkId: 'row0', status: '409' },
        ],
      ),
    ).toEqual([]);
  });

  it.each<[string, BulkOperation, object, boolean]>([
    ['the location names another resource', patch(0, 'a'), { location: location('b') }, false],
    ['the response shows another resource', patch(0, 'a'), { response: { id: 'b' } }, false],
    ['location and response differ', post(0), { location: location('a'), response: { id: 'b' } }, false],
    ['location and response agree', post(0), { location: location('a'), response: { id: 'a' } }, true],
    ['only the case of the ID differs', patch(0, 'a'), { location: location('A') }, true],
    ['only the operation names the resource', patch(0, 'a'), {}, true],
  ])('prove a success only of one resource: %s', (_, operation, parts, isProved) => {
    const answers = read([operation], [{ bulkId: 'row0', status: '200', ...parts }]);
    expect(answers.length === 1).toBe(isProved);
  });

  it('prove without any bulkId only what all of them say', () => {
    const created = (id: string) => ({ status: '201', location: location(id) });
    expect(read([post(0), post(1)], [created('b'), created('a')])).toEqual([
      [0, true, ''],
      [1, true, ''],
    ]);
    expect(read([post(0), post(1)], [created('b'), { status: '409' }])).toEqual([]);
    expect(read([post(0), post(1)], [created('a')])).toEqual([]);
  });

  it('belong to requested locations without any bulkId, in any order', () => {
    expect(
      read(
        [patch(0, 'a'), patch(1, 'b%20c'), patch(2, 'd')],
        [
          { status: '200', location: location('b%20c') },
          { status: '404', location: location('a') },
          { status: '200' },
        ],
      ),
    ).toEqual([
      [0, false, location('a')],
      [1, true, location('b%20c')],
    ]);
  });
});
