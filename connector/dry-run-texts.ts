/** The sentences of dry runs, as data: the Ruby of the Workato connector is generated with them. */
export const dryRunTexts = Object.freeze({
  oneRequest: '1 request would be sent.',
  requests: '{count} requests would be sent.',
  noRequest: 'Nothing would be sent.',
  oneChange: '1 change would be made.',
  changes: '{count} changes would be made.',
  noChange: 'No change: everything is already as requested.',
  unknownChange: 'Not all changes can be predicted.',
  oneRowFails: '1 row cannot be run.',
  rowsFail: '{count} rows cannot be run.',
  fails: 'The action would then fail.',
  notMade: '{change} of {name}: {message}',

  newId: '{placeholder} stands for the ID that the provider will assign to the new {resource}.',
  newVersion: '{placeholder} stands for the version that the provider will assign.',
  maybeAdded:
    'The PUT of {path} may also have what the provider adds to the changes before it, such as "$ref".',
  maybeVersion:
    'The {method} of {placeholder} may also have an If-Match header, with the version that the provider will assign.',

  unpredictable: 'What {method} {path} changes cannot be predicted.',
  notApplicable: 'What {method} {path} changes cannot be predicted. The provider may reject it.',
  unreadable:
    'What {method} {path} changes cannot be predicted, because the {resource} cannot be read: {reason}',
  secret: 'The provider never shows "{path}", so the current value is unknown.',
  membersHidden:
    'No group shows any members, so the provider may hide them: it is unknown who is already a member, and whether other requests would follow.',
  uniquenessUnknown: 'Whether {path} "{value}" is already taken cannot be checked: {reason}',
  deactivationDeletes: 'This provider deletes users that are deactivated.',
} as const);
