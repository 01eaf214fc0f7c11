import { createHash } from 'node:crypto';
import type { DryRun } from '../../connector/generated/types.ts';

/**
 * What a person has confirmed, as a short text: the input, and what the preview would send and change. Requests run
 * concurrently, so that neither their order nor the numbers of new resources, which follow it, are a part of it. The input
 * decides which new resource is which.
 */
export function previewFingerprint(
  key: string,
  input: unknown,
  { requests, changes }: Pick<DryRun, 'requests' | 'changes'>,
): string {
  return createHash('sha256')
    .update(JSON.stringify([key, input, unordered(requests), unordered(changes)]))
    .digest('hex');
}

function unordered(list: readonly object[]): readonly string[] {
  return list.map((one) => JSON.stringify(one).replaceAll(/\{new(\w+?)\d+\}/g, '{new$1}')).toSorted();
}
