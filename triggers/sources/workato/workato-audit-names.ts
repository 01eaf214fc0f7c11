import type { EventType } from '../../../connector/event.ts';

/** What an event of Workato's audit log says of a member of the workspace, or of a group. */
export interface WorkatoAuditName {
  readonly resource: 'User' | 'Group';
  /** `update`: whatever differs between before and after, a change of `active` included. */
  readonly meaning: Extract<EventType, 'create' | 'delete' | 'activate' | 'deactivate'> | 'update';
}

/**
 * The names of the events that are told, each as it stands in `content.attributes.event`. Only the first two are
 * documented (docs.workato.com, "Audit log streaming", and the activity reference): an invitation that was accepted is
 * a new member. Assumed, since no public source names them: all others. They are what the sandbox sends; should
 * Workato's be others, they are mended here.
 */
export const workatoAuditNames: ReadonlyMap<string, WorkatoAuditName> = new Map<string, WorkatoAuditName>([
  ['team_invitation_accept', { resource: 'User', meaning: 'create' }],
  ['team_membership_deleted', { resource: 'User', meaning: 'delete' }],
  // Assumed.
  ['team_membership_suspended', { resource: 'User', meaning: 'deactivate' }],
  ['team_membership_restored', { resource: 'User', meaning: 'activate' }],
  ['team_membership_role_updated', { resource: 'User', meaning: 'update' }],
  ['team_membership_groups_updated', { resource: 'User', meaning: 'update' }],
  ['team_membership_updated', { resource: 'User', meaning: 'update' }],
  ['user_group_created', { resource: 'Group', meaning: 'create' }],
  ['user_group_updated', { resource: 'Group', meaning: 'update' }],
  ['user_group_deleted', { resource: 'Group', meaning: 'delete' }],
]);

/**
 * Where an event says what was changed. Documented are `resource`, its `member`, and that there are `details`; assumed
 * is what `details` holds: `source`, and the attributes `before` and `after`, by SCIM's names, with the roles of an
 * extension beside the others.
 */
export const workatoAuditFields = {
  source: 'source',
  before: 'before',
  after: 'after',
  /** Not an attribute, but whether somebody was removed by hand: what is told of it is the event. */
  removed: 'removed',
} as const;
