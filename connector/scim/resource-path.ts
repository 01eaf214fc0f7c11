import type { ResourceDefinition } from '../definition/definition.ts';

/** `/Users/2819c223`; whatever stands in an id stays one segment of the path. */
export function resourcePath({ endpoint }: ResourceDefinition, id: string): string {
  // "." and ".." are the two segments that URLs resolve away even when the rest is encoded.
  return `${endpoint}/${/^\.{1,2}$/.test(id) ? id.replaceAll('.', '%252E') : encodeURIComponent(id)}`;
}
