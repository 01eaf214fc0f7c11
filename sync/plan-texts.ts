/**
 * The sentences of plans and of what became of their changes, as data: the Workato connector's Ruby is generated with
 * them. A name in backticks is the key of a field; each surface puts its own name there.
 */
export const planTexts = Object.freeze({
  theDesiredState: 'the desired state',

  // Rows.
  oneRow: 'Row {row}',
  twoRows: 'Rows {one} and {other}',
  fewRows: 'Rows {rows}, and {last}',
  manyRows: 'Rows {rows}, and {count} more',
  rowProblem: 'row {row}: {message}',
  columnProblem: '{column}: {message}',
  nullRow: 'It must be an object, not null.',
  namelessRow: 'It has neither a username nor an external ID.',
  oneBlankRow: '1 empty row was skipped.',
  blankRows: '{count} empty rows were skipped.',
  unusableSource:
    '{count} of {all} rows of {source} cannot be used, so that its columns may be shifted or mixed up: {problems}',
  moreProblems: ' And {count} more',

  // Columns.
  unusableColumn: '"{column}": {message}',
  missingColumn: 'The map has this column, and the source does not.',
  noPasswords: 'Plans do not carry passwords. Map the column to null.',
  readOnly: '"{name}" is read-only.',
  hasParts: '"{name}" has parts. Map the column to one of them, such as "{name}.{part}".',
  noAttribute: 'Users have no attribute "{name}"{suggestion}.',

  notAMap: 'must be an object with the names of columns',
  ruleWithoutAttribute: 'has a rule for "{column}" without an attribute',
  ruleUnknownKey: 'has a rule for "{column}" with "{key}", which no rule has{suggestion}',
  ruleWhenEmpty: 'has a rule for "{column}" whose whenEmpty is neither "keep" nor "remove"',
  ruleValues: 'has a rule for "{column}" whose values are not an object',
  ruleSeparator: 'has a rule for "{column}" whose separator is not a text',

  // Cells.
  cell: '"{text}" {reason}.',
  spreadsheetError: 'is an error of the spreadsheet',
  notWhole: 'is not a whole number',
  notDecimal: 'is not a number such as 1.5',
  notAFlag: 'is not true or false. The map can say what it means, with "values"',
  notADate: 'is not a date such as 2026-12-31',
  invisible: 'contains an invisible character (U+{code})',
  rounded: 'looks like a number that a spreadsheet has rounded',
  serialDate:
    'is the number that a spreadsheet has for a date. Format the column so that it shows a date such as 2026-12-31',
  notAnEmail: 'is not an email address',

  // Ownership.
  notAnOwnership: 'must be {forms}',
  ownershipForms: 'externalId:PREFIX, group:NAME, filter:FILTER, or ATTRIBUTE=VALUE',
  emptyPrefix: 'is empty, so that it would own everyone',
  unknownAttribute: 'names "{name}", which users do not have{suggestion}',
  noExternalId:
    'The external ID is missing. The users of this desired state have one that begins with "{prefix}".',
  otherExternalId:
    'The external ID is "{externalId}". The users of this desired state have one that begins with "{prefix}".',

  // Rows and users that belong together.
  id: 'ID',
  externalId: 'external ID',
  userName: 'username',
  sameKey: 'They have the same {key}, "{value}"{differing}. Keep one of them.',
  differing: ', and differ in {paths}',
  repeats: '{rows} repeats an earlier row.',
  repeat: '{rows} repeat an earlier row.',
  sharedEmail: '{rows} have the same email address, {email}.',
  moreSharedEmails: '{count} more email addresses are in several rows.',
  severalUsers: '{count} users at the provider have this {key} (IDs {ids}).',
  sameUser: 'They describe the same user, {user}, by different keys. Keep one of them.',
  contradictoryUser:
    'The provider lists {user} (ID {id}) several times with different values, and does not show by ID which are right.',
  otherPerson:
    'The username {userName} belongs to a user with the external ID "{externalId}", and the row has "{wanted}". If this is the same person, correct the external ID, or match by username only. If it is a new person, choose another username.',
  circle:
    'They exchange usernames: {renames}. Check that the rows are not mixed up. If they are right, rename one of the users to a temporary name first.',
  rename: 'row {row} renames {from} to {to}',
  nameTaken: 'The username {userName} belongs to another user (ID {id}), whom no row renames.',
  nameWaits: 'The username {userName} is free only after row {row}, which has a problem.',

  // Changes of users.
  userNameMissing: 'No user at the provider matches, and a new one needs a username.',
  deactivatesOther: 'The row deactivates {user}, whom this desired state does not own.',
  noManager: 'There is no user "{manager}" who could be the manager.',
  maybeRenamed:
    'This may be {user}, whom this plan would {kind}. If the username changed, match by external ID, or rename the user first.',
  namelessUser: 'a user without a name',

  // Groups.
  ambiguousGroup: 'Several groups are named "{name}". Use the external ID or the ID of one of them.',
  noGroup: 'There is no group "{name}"{suggestion}. Correct the name, or let the plan create groups.',
  unusableGroup: 'names no group that can be used. {reason}',
  noOwnerGroup: 'names no group. {reason}',
  hiddenMembers:
    'No group shows members. If groups have members, a plan adds them again, and removes nobody.',
  unreadableGroups:
    'The provider lists {groups}, but returns nothing for the ID. Groups that are hidden, or were deleted meanwhile, stay as they are.',
  membersWithoutId:
    'The members of {groups} are not known: some are shown without an ID. The plan adds the ones in the desired state again, and removes nobody.',

  // Notes.
  hiddenAttribute:
    'No user shows a value of {attribute}. If the next plan sets it again, the provider does not return it: leave it out.',
  suspiciousAttribute:
    '{attribute} would change for {count} of {all} users. Check that its column is the right one.',
  ownManager: '{rows} names {user} as their own manager. Check this row.',
  managerCircle: '{rows} have managers in a circle: {users}. Check these rows.',
  moreManagerCircles: 'More circles of managers in the rows: {count}.',
  oneActiveUser: '1 active user is',
  activeUsers: '{count} active users are',
  notOwned: '{users} not in the desired state, and not owned by it: they stay as they are.',
  noneOwned:
    'No user at the provider is owned ({ownership}), so that nobody is deactivated. Check the spelling if this is not the first plan.',
  protectsNobody:
    'The never-touch pattern "{pattern}" protects nobody: no user matches it. Check its spelling.',
  noWitnesses:
    'The plan leaves no existing user as it is, so that nothing can show whether it is applied to the same directory. Check the connection before you apply it.',
  noOwnership: '{users} not in the desired state, which declares no ownership: nobody is deactivated.',
  activeHidden:
    'The list does not show who is active. Users who are to be deactivated may be inactive already, and nobody is reactivated without a value for active.',

  // Holds.
  noneDescribed:
    'The desired state has none of the {active} owned users who are active. It may be empty, incomplete, or another one.',
  fewDescribed:
    'The desired state has only {described} of the {active} owned users who are active. It may be incomplete, or its columns may be mixed up.',
  oneRowUnplaced:
    'Row {rows} cannot be used and finds no user. It may describe one who would be deactivated or deleted.',
  rowsUnplaced:
    '{count} rows cannot be used and find no user (from row {rows}). They may describe those who would be deactivated or deleted.',
  users: '{count} of {known} users would be deactivated or deleted, and the limit is {limit}.',
  roles: '{count} of {known} users would lose a role, and the limit is {limit}.',
  members: '{count} of {known} memberships would end, and the limit is {limit}.',
  groups: '{count} of {known} groups would be deleted, and the limit is {limit}.',
  lostBefore: ' {count} of them were lost in the past day.',
  attributeRemoved: '{attribute} would be removed from {count} of {matched} users, and the limit is {limit}.',
  reformattedOnce:
    'Row {row} would change {attribute} from "{from}" to "{to}", which a spreadsheet does by itself. Format the column as text, and export the sheet again.',
  reformatted:
    '{count} rows (from row {row}) would change {attribute} as a spreadsheet does by itself, such as from "{from}" to "{to}". Format the column as text, and export the sheet again.',
  renamed: '{count} of {matched} users would get another username, and the limit is {limit}.',
  heldChange: '{user} ({kind})',
  heldJoin: '{user} (joins {group})',
  heldLeave: '{user} (leaves {group})',

  // Plans that cannot be applied.
  notAPlan: 'is not a plan',
  planVersion: 'has version {version}, and this release supports 1. Plan again',
  planChanged: 'was changed after it was made. Plan again',
  planOfOther: 'is for {planned}, and this connection is to {connected}',
  nothingHeld: 'has {ids}, but the plan holds nothing: remove it',
  otherHolds: 'has {ids}, but the plan holds {holds}: check these changes before you approve them',
  planOfOtherDirectory:
    'was made from a directory with other users: {missing} of {known} users by whom it recognizes the directory are gone, or have another username ({names}). Check the connection, or plan again',
  witness: '{user}, ID {id}',
  journalOfOther: 'belongs to another plan. Pass a new journal',

  // What became of a change.
  stopped: 'The run ended before this change.',
  stoppedDuring: 'The run was stopped during this change, which may have been made.',
  held: 'Approve {hold} to make this change.',
  waiting: 'It waits for another change ({change}), which was not made.',
  userNotCreated: 'The user was not created.',
  userOrGroupNotCreated: 'The user or the group was not created.',
  userExists:
    'A user with this username exists, whom the list did not show when the plan was made. {message}',
  asPlanned: 'It is there already, as planned.',
  createdSince:
    '{user} was created after the plan was made, and is not as planned: {attributes}. Plan again.',
  userGone: 'The user no longer exists.',
  userChanged: '{user} has changed since the plan was made: {differences}. Plan again.',
  difference: '{attribute} was {from} and is now {to}',
  none: 'none',
  groupHasMembers: 'The group {group} has {count} members, so it is not deleted.',
} as const);
