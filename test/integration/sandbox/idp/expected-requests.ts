import type { FlavorName } from '../../../../sandbox/idp/index.ts';

/** What each operation must put on the wire: `METHOD path`, and the body. Words such as $ANN stand for IDs. */
export type Expected = readonly (readonly [line: string, body?: object])[];

/** The operations of the story, in their order. */
export type Operation =
  | 'assign'
  | 'assignWithoutRoles'
  | 'change'
  | 'changeNothing'
  | 'pushGroup'
  | 'changeMembers'
  | 'renameGroup'
  | 'unassign'
  | 'reassign'
  | 'remove'
  | 'removeGroup';

const user = 'urn:ietf:params:scim:schemas:core:2.0:User';
const group = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const role = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const adScimGroup = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
const patch = (...Operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations,
});

// developer.okta.com/docs/reference/scim/scim-20
const oktaFind = (name: string) =>
  `GET /Users?filter=userName%20eq%20%22${name}%40example.com%22&startIndex=1&count=100`;
const oktaAssign: Expected = [
  [oktaFind('ann')],
  [
    'POST /Users',
    {
      schemas: [user, enterprise, role],
      userName: 'ann@example.com',
      name: { givenName: 'Ann', familyName: 'Lee' },
      emails: [{ primary: true, value: 'ann@example.com', type: 'work' }],
      displayName: 'Ann Lee',
      locale: 'en-US',
      externalId: '$ann',
      [enterprise]: { department: 'IT' },
      [role]: { workato_role: 'Admin', workato_role_test: 'Operator' },
      groups: [],
      active: true,
    },
  ],
];
const oktaAssignWithoutRoles: Expected = [
  [oktaFind('bob')],
  [
    'POST /Users',
    {
      schemas: [user],
      userName: 'bob@example.com',
      name: { givenName: 'Bob', familyName: 'Ray' },
      emails: [{ primary: true, value: 'bob@example.com', type: 'work' }],
      displayName: 'Bob Ray',
      locale: 'en-US',
      externalId: '$bob',
      groups: [],
      active: true,
    },
  ],
];
const oktaAnn = {
  schemas: [user, enterprise, role],
  id: '$ANN',
  userName: 'ann@example.com',
  name: { givenName: 'Ann', familyName: 'Li' },
  emails: [{ primary: true, value: 'ann.li@example.com', type: 'work' }],
  displayName: 'Ann Li',
  locale: 'en-US',
  externalId: '$ann',
  [enterprise]: { department: 'IT' },
  [role]: { workato_role: 'Operator', workato_role_test: 'Operator', workato_role_prod: 'NoAccess' },
  meta: '$meta',
};
const oktaBob = {
  schemas: [user],
  id: '$BOB',
  userName: 'bob@example.com',
  name: { givenName: 'Bob', familyName: 'Ray' },
  emails: [{ primary: true, value: 'bob@example.com', type: 'work' }],
  displayName: 'Bob Ray',
  locale: 'en-US',
  externalId: '$bob',
  meta: '$meta',
};
const oktaPutAnn: Expected = [['GET /Users/$ANN'], ['PUT /Users/$ANN', { ...oktaAnn, active: true }]];
const oktaPushStart: Expected = [
  ['GET /Groups?filter=displayName%20eq%20%22Crew%22&startIndex=1&count=100'],
  ['POST /Groups', { schemas: [group], displayName: 'Crew', members: [] }],
];
const oktaRename = (displayName: string): Expected => [
  ['PATCH /Groups/$CREW', patch({ op: 'replace', value: { id: '$CREW', displayName } })],
];
const ann = { value: '$ANN', display: 'ann@example.com' };
const bob = { value: '$BOB', display: 'bob@example.com' };
const oktaPutGroup = (displayName: string, ...members: readonly object[]): Expected => [
  ['GET /Groups/$CREW'],
  ['PUT /Groups/$CREW', { schemas: [group], id: '$CREW', displayName, members, meta: '$meta' }],
];

// learn.microsoft.com/entra: use-scim-to-provision-users-and-groups
const entraFind = (name: string) => `GET /Users?filter=userName%20eq%20%22${name}%40example.com%22`;
const entraAssign: Expected = [
  [entraFind('ann')],
  [
    'POST /Users',
    {
      schemas: [user, enterprise, role],
      externalId: '$ann',
      userName: 'ann@example.com',
      active: true,
      displayName: 'Ann Lee',
      emails: [{ primary: true, type: 'work', value: 'ann@example.com' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'Ann Lee', familyName: 'Lee', givenName: 'Ann' },
      roles: [],
      [enterprise]: { department: 'IT' },
      [role]: { workato_role: 'Admin', workato_role_test: 'Operator' },
    },
  ],
];
const entraAssignWithoutRoles: Expected = [
  [entraFind('bob')],
  [
    'POST /Users',
    {
      schemas: [user, enterprise],
      externalId: '$bob',
      userName: 'bob@example.com',
      active: true,
      displayName: 'Bob Ray',
      emails: [{ primary: true, type: 'work', value: 'bob@example.com' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'Bob Ray', familyName: 'Ray', givenName: 'Bob' },
      roles: [],
    },
  ],
];
const entraPushStart: Expected = [
  ['GET /Groups?excludedAttributes=members&filter=displayName%20eq%20%22Crew%22'],
  [
    'POST /Groups',
    {
      schemas: [group, adScimGroup],
      externalId: '$crew',
      displayName: 'Crew',
      meta: { resourceType: 'Group' },
    },
  ],
];
const entraReadGroup = 'GET /Groups/$CREW?excludedAttributes=members';

// docs.workato.com/scim-onelogin.html for the template, goauthentik/authentik#11249 for the form of the URLs
const oneloginFind = (name: string) => `GET /Users?filter=userName+eq+%22${name}%40example.com%22&`;
const oneloginAnn = {
  schemas: [user, role],
  userName: 'ann@example.com',
  name: { givenName: 'Ann', familyName: 'Li', formatted: 'Ann Li' },
  emails: [{ value: 'ann.li@example.com', type: 'work', primary: true }],
  [role]: { workato_role: 'Operator', workato_role_test: 'Operator', workato_role_prod: 'NoAccess' },
};
const oneloginBob = {
  schemas: [user, role],
  userName: 'bob@example.com',
  name: { givenName: 'Bob', familyName: 'Ray', formatted: 'Bob Ray' },
  emails: [{ value: 'bob@example.com', type: 'work', primary: true }],
};

export const expectedRequests: Readonly<Record<FlavorName, Readonly<Record<Operation, Expected>>>> = {
  okta: {
    assign: oktaAssign,
    assignWithoutRoles: oktaAssignWithoutRoles,
    change: oktaPutAnn,
    changeNothing: oktaPutAnn,
    pushGroup: [
      ...oktaPushStart,
      ...oktaRename('Crew'),
      ['PATCH /Groups/$CREW', patch({ op: 'replace', path: 'members', value: [ann] })],
    ],
    changeMembers: [
      ...oktaRename('Crew'),
      [
        'PATCH /Groups/$CREW',
        patch(
          { op: 'remove', path: 'members[value eq "$ANN"]' },
          { op: 'add', path: 'members', value: [bob] },
        ),
      ],
    ],
    renameGroup: oktaRename('Team'),
    unassign: [['PATCH /Users/$ANN', patch({ op: 'replace', value: { active: false } })]],
    reassign: [
      [oktaFind('ann')],
      ['PATCH /Users/$ANN', patch({ op: 'replace', value: { active: true } })],
      ...oktaPutAnn,
    ],
    // Never a DELETE; and the group loses a member.
    remove: [
      ['PATCH /Users/$BOB', patch({ op: 'replace', value: { active: false } })],
      ...oktaRename('Team'),
      ['PATCH /Groups/$CREW', patch({ op: 'remove', path: 'members[value eq "$BOB"]' })],
    ],
    removeGroup: [['DELETE /Groups/$CREW']],
  },
  'okta-put': {
    assign: oktaAssign,
    assignWithoutRoles: oktaAssignWithoutRoles,
    change: oktaPutAnn,
    changeNothing: oktaPutAnn,
    pushGroup: [...oktaPushStart, ...oktaPutGroup('Crew', ann)],
    changeMembers: oktaPutGroup('Crew', bob),
    renameGroup: oktaPutGroup('Team', bob),
    unassign: [['GET /Users/$ANN'], ['PUT /Users/$ANN', { ...oktaAnn, active: false }]],
    reassign: [[oktaFind('ann')], ...oktaPutAnn],
    remove: [
      ['GET /Users/$BOB'],
      // Put back as it was read, with the groups that are read-only.
      [
        'PUT /Users/$BOB',
        {
          ...oktaBob,
          active: false,
          groups: [{ value: '$CREW', $ref: '$CREW', display: 'Team', type: 'direct' }],
        },
      ],
      ...oktaPutGroup('Team'),
    ],
    removeGroup: [['DELETE /Groups/$CREW']],
  },
  entra: {
    assign: entraAssign,
    assignWithoutRoles: entraAssignWithoutRoles,
    change: [
      ['GET /Users/$ANN'],
      [
        'PATCH /Users/$ANN',
        patch(
          { op: 'Add', path: `${role}:workato_role_prod`, value: 'NoAccess' },
          { op: 'Replace', path: 'displayName', value: 'Ann Li' },
          { op: 'Replace', path: 'emails[type eq "work"].value', value: 'ann.li@example.com' },
          { op: 'Replace', path: 'name.familyName', value: 'Li' },
          { op: 'Replace', path: 'name.formatted', value: 'Ann Li' },
          { op: 'Replace', path: `${role}:workato_role`, value: 'Operator' },
        ),
      ],
    ],
    changeNothing: [['GET /Users/$ANN']],
    pushGroup: [
      ...entraPushStart,
      ['PATCH /Groups/$CREW', patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '$ANN' }] })],
    ],
    changeMembers: [
      [entraReadGroup],
      ['PATCH /Groups/$CREW', patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: '$BOB' }] })],
      ['PATCH /Groups/$CREW', patch({ op: 'Remove', path: 'members', value: [{ value: '$ANN' }] })],
    ],
    renameGroup: [
      [entraReadGroup],
      ['PATCH /Groups/$CREW', patch({ op: 'Replace', path: 'displayName', value: 'Team' })],
    ],
    unassign: [
      ['GET /Users/$ANN'],
      ['PATCH /Users/$ANN', patch({ op: 'Replace', path: 'active', value: 'False' })],
    ],
    reassign: [
      ['GET /Users/$ANN'],
      ['PATCH /Users/$ANN', patch({ op: 'Replace', path: 'active', value: 'True' })],
    ],
    remove: [['DELETE /Users/$BOB']],
    removeGroup: [['DELETE /Groups/$CREW']],
  },
  'entra-flag': {
    assign: entraAssign,
    assignWithoutRoles: entraAssignWithoutRoles,
    change: [
      ['GET /Users/$ANN'],
      [
        'PATCH /Users/$ANN',
        patch(
          { op: 'add', path: `${role}:workato_role_prod`, value: 'NoAccess' },
          { op: 'replace', path: 'emails[type eq "work"].value', value: 'ann.li@example.com' },
          {
            op: 'replace',
            value: {
              displayName: 'Ann Li',
              'name.familyName': 'Li',
              'name.formatted': 'Ann Li',
              [`${role}:workato_role`]: 'Operator',
            },
          },
        ),
      ],
    ],
    changeNothing: [['GET /Users/$ANN']],
    pushGroup: [
      ...entraPushStart,
      ['PATCH /Groups/$CREW', patch({ op: 'add', path: 'members', value: [{ $ref: null, value: '$ANN' }] })],
    ],
    changeMembers: [
      [entraReadGroup],
      ['PATCH /Groups/$CREW', patch({ op: 'add', path: 'members', value: [{ $ref: null, value: '$BOB' }] })],
      ['PATCH /Groups/$CREW', patch({ op: 'remove', path: 'members[value eq "$ANN"]' })],
    ],
    renameGroup: [
      [entraReadGroup],
      ['PATCH /Groups/$CREW', patch({ op: 'replace', path: 'displayName', value: 'Team' })],
    ],
    unassign: [
      ['GET /Users/$ANN'],
      ['PATCH /Users/$ANN', patch({ op: 'replace', path: 'active', value: false })],
    ],
    reassign: [
      ['GET /Users/$ANN'],
      ['PATCH /Users/$ANN', patch({ op: 'replace', path: 'active', value: true })],
    ],
    remove: [['DELETE /Users/$BOB']],
    removeGroup: [['DELETE /Groups/$CREW']],
  },
  onelogin: {
    assign: [
      [oneloginFind('ann')],
      [
        'POST /Users?',
        {
          schemas: [user, role],
          userName: 'ann@example.com',
          name: { givenName: 'Ann', familyName: 'Lee', formatted: 'Ann Lee' },
          emails: [{ value: 'ann@example.com', type: 'work', primary: true }],
          [role]: { workato_role: 'Admin', workato_role_test: 'Operator' },
        },
      ],
    ],
    assignWithoutRoles: [[oneloginFind('bob')], ['POST /Users?', oneloginBob]],
    change: [['PUT /Users/$ANN?', { ...oneloginAnn, active: true }]],
    changeNothing: [['PUT /Users/$ANN?', { ...oneloginAnn, active: true }]],
    pushGroup: [
      ['GET /Groups?'],
      ['POST /Groups?', { schemas: [group], displayName: 'Crew' }],
      ['PATCH /Groups/$CREW?', patch({ op: 'add', path: 'members', value: [{ value: '$ANN' }] })],
    ],
    changeMembers: [
      [
        'PATCH /Groups/$CREW?',
        patch(
          { op: 'add', path: 'members', value: [{ value: '$BOB' }] },
          { op: 'remove', path: 'members[value eq "$ANN"]' },
        ),
      ],
    ],
    renameGroup: [['PATCH /Groups/$CREW?', patch({ op: 'replace', path: 'displayName', value: 'Team' })]],
    unassign: [['PUT /Users/$ANN?', { ...oneloginAnn, active: false }]],
    reassign: [[oneloginFind('ann')], ['PUT /Users/$ANN?', { ...oneloginAnn, active: true }]],
    // "Suspend", which is what Workato's guide has an administrator choose for deleted users.
    remove: [
      ['PUT /Users/$BOB?', { ...oneloginBob, active: false }],
      ['PATCH /Groups/$CREW?', patch({ op: 'remove', path: 'members[value eq "$BOB"]' })],
    ],
    removeGroup: [['DELETE /Groups/$CREW?']],
  },
};
