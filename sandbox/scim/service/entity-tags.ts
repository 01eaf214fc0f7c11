import { ScimError } from '../../../scim/scim-error.ts';
import type { ResourceRecord } from '../resource/resource-record.ts';

/**
 * Checks `If-Match` (RFC 7644 §3.14). Only the resource's own version matters: if a user has joined a group
 * in the meantime, a change of the user is not a lost update.
 *
 * @throws ScimError 412 if the resource has a different version.
 */
export function checkIfMatch(ifMatch: string | undefined, record: ResourceRecord): void {
  if (ifMatch === undefined) return;
  const matches = opaqueTags(ifMatch).some(
    (tag) => tag === '*' || tag.split('-', 1)[0] === String(record.version),
  );
  if (!matches) throw new ScimError(412, 'The resource has been changed since that version.');
}

/** Whether `If-None-Match` contains the tag, so that the response is 304. Uses weak comparison (RFC 9110 §8.8.3.2). */
export function isNoneMatchHit(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const [current] = opaqueTags(etag);
  return opaqueTags(ifNoneMatch).some((tag) => tag === '*' || tag === current);
}

// Also accepts tags without quotes: a bulk operation's "version" often has none.
function opaqueTags(header: string): readonly string[] {
  return header.split(',').map((tag) =>
    tag
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1'),
  );
}
