import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DryRun } from '../../../connector/generated/types.ts';
import { previewFingerprint } from '../../../hosts/mcp/preview-fingerprint.ts';

type Preview = Pick<DryRun, 'requests' | 'changes'>;

const names = ['ada', 'grace', 'joan', 'mary'];

/** A preview that creates users and adds each to a group, in any order, with numbers that follow the order. */
function previewOf(order: readonly string[]): Preview {
  const idOf = (name: string): string => `{newUser${order.indexOf(name) + 1}}`;
  return {
    requests: [
      ...order.map((userName) => ({ method: 'POST', path: '/Users', body: { userName } })),
      ...order.map((name) => ({ method: 'PATCH', path: `/Groups/${name}`, body: { members: [idOf(name)] } })),
    ],
    changes: order.map((name) => ({
      ...{ kind: 'create', resource: 'User', id: idOf(name), name },
      ...{ path: 'userName', from: null, to: name },
    })),
  } as unknown as Preview;
}

it('is the same in whatever order the requests were made', () => {
  const fingerprint = previewFingerprint('apply_sync', {}, previewOf(names));

  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
      expect(previewFingerprint('apply_sync', {}, previewOf(order))).toBe(fingerprint);
    }),
  );
});

it.each([
  ['another action', 'bulk_users', {}, previewOf(names)],
  ['another input', 'apply_sync', { plan: 'other' }, previewOf(names)],
  ['fewer changes', 'apply_sync', {}, previewOf(names.slice(1))],
  ['another value', 'apply_sync', {}, previewOf([...names.slice(1), 'mallory'])],
])('is another one for %s', (_, key, input, preview) => {
  expect(previewFingerprint(key, input, preview)).not.toBe(
    previewFingerprint('apply_sync', {}, previewOf(names)),
  );
});
