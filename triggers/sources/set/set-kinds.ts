import type { EventType } from '../../../connector/event.ts';

/** What the URI of a SCIM event says (RFC 9967 §2.4). */
export interface SetKind {
  readonly type: EventType;
  /** `full` carries the data, `notice` the names of what changed; the others carry nothing. */
  readonly form: 'full' | 'notice' | 'plain';
}

const kinds: ReadonlyMap<string, SetKind> = new Map([
  ['create:full', { type: 'create', form: 'full' }],
  ['create:notice', { type: 'create', form: 'notice' }],
  ['patch:full', { type: 'patch', form: 'full' }],
  ['patch:notice', { type: 'patch', form: 'notice' }],
  ['put:full', { type: 'put', form: 'full' }],
  ['put:notice', { type: 'put', form: 'notice' }],
  ['delete', { type: 'delete', form: 'plain' }],
  ['activate', { type: 'activate', form: 'plain' }],
  ['deactivate', { type: 'deactivate', form: 'plain' }],
]);

const prefix = 'urn:ietf:params:scim:event:prov:';

/**
 * What an event URI says of a resource; undefined when it says nothing of that sort. Being added to a feed or removed
 * from it is nothing in the life of a resource (RFC 9967 §2.3), and the end of an asynchronous request is told again by
 * the events of what it did (§2.5.1.3). The URIs are URNs, whose `urn:ietf:params` compares without regard to case;
 * drafts also spelled `SCIM`, so that all of it does here.
 */
export function setKindOf(uri: string): SetKind | undefined {
  const name = uri.toLowerCase();
  return name.startsWith(prefix) ? kinds.get(name.slice(prefix.length)) : undefined;
}
