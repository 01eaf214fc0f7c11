import { ScimError } from '../../../scim/scim-error.ts';
import type { ResourceRecord } from '../resource/resource-record.ts';

/**
 * Checks `If-Match` (RFC 7644 §3.14). Only a resource's own version counts: that a user has joined a group
 * since does not make a change to the user a lost update.
 *
 * @throws ScimError 412 when the resource has another version.
 */
export function checkIfMatch(ifMatch: string | undefined, record: ResourceRecord): void {
  if (ifMatch === undefined) return;
  const matches = opaqueTags(ifMatch).some(
    (tag) => tag === '*' || tag.split('-', 1)[0] === String(record.version),
  );
  if (!matches) throw new ScimError(412, 'The resource has been changed since that version.');
}

/** Whether `If-None-Match` names the tag, so that 304 is the response. Tags compare weakly (RFC 9110 §8.8.3.2). */
export function isNoneMatchHit(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const [current] = opaqueTags(etag);
  return opaqueTags(ifNoneMatch).some((tag) => tag === '*' || tag === current);
}

// Tags without quotes are read, too: a bulk operation's "version" is often sent so.
function opaqueTags(header: string): readonly string[] {
  return header.split(',').map((tag) =>
    tag
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1'),
  );
}
