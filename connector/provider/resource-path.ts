import type { ResourceDefinition } from '../definition/definition.ts';
import { invalidInput } from '../errors.ts';

/**
 * `/Users/2819c223`. Any ID stays one segment of the path.
 *
 * @throws ConnectorError `invalid_input` if the ID cannot be part of a URL.
 */
export function resourcePath({ endpoint }: ResourceDefinition, id: string): string {
  if (!id.isWellFormed()) throw invalidInput([{ path: 'id', message: 'contains an incomplete character' }]);
  // "." and ".." are the two segments that URLs resolve away even when the rest is encoded.
  return `${endpoint}/${/^\.{1,2}$/.test(id) ? id.replaceAll('.', '%252E') : encodeURIComponent(id)}`;
}

/** The ID that a path ends with; nothing when it cannot be read. */
export function lastSegment(path: string): string {
  const segment = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
