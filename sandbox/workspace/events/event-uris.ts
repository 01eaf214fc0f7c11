/** Whether events contain values (`full`) or only the names of changed attributes (`notice`): RFC 9967 §2.4. */
export type EventFormat = 'full' | 'notice';

/** The provisioning events of RFC 9967 §2.4 that the workspace sends. */
export const eventUris = {
  create: (format: EventFormat) => `urn:ietf:params:scim:event:prov:create:${format}`,
  patch: (format: EventFormat) => `urn:ietf:params:scim:event:prov:patch:${format}`,
  put: (format: EventFormat) => `urn:ietf:params:scim:event:prov:put:${format}`,
  delete: 'urn:ietf:params:scim:event:prov:delete',
  activate: 'urn:ietf:params:scim:event:prov:activate',
  deactivate: 'urn:ietf:params:scim:event:prov:deactivate',
} as const;

/** All of them, as `/ServiceProviderConfig` lists them (RFC 9967 §4). */
export function listEventUris(format: EventFormat): readonly string[] {
  return Object.values(eventUris).map((uri) => (typeof uri === 'string' ? uri : uri(format)));
}
