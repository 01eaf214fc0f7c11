import type { Overlay } from '../connector/manifest/overlay.zod.ts';

const schema = 'urn:example:params:scim:schemas:extension:acme:1.0:User';

/** What `rolecall overlay new` writes: one of each part that most overlays need. */
export const starterOverlay: Overlay = {
  $comment: [
    'An overlay adds the attributes and actions of one provider. docs/manifest.md describes every part.',
    'schemas: the attributes of the provider, as its /Schemas returns them. Replace the URN with the one of the provider.',
    'resources: which resource has the schema, and which of its attributes are fields of the existing actions.',
    'pickLists: the values that a field offers. Remove it, and the "pickList" of the field, if any value is valid.',
    'actions: actions of your own. {grade} is the value of the field "grade". "idempotent" means that a rerun does no harm.',
    'Remove what you do not need. Only "overlayVersion" and "title" are required.',
  ],
  overlayVersion: 1,
  title: 'My provider',
  schemas: [
    {
      id: schema,
      name: 'AcmeUser',
      description: 'What this provider stores of a user, in addition to the standard attributes.',
      attributes: [
        {
          name: 'grade',
          type: 'string',
          multiValued: false,
          description: 'The grade of the user.',
          required: false,
          caseExact: true,
          mutability: 'readWrite',
          returned: 'default',
          uniqueness: 'none',
        },
      ],
    },
  ],
  resources: {
    User: {
      extensions: [schema],
      fields: [
        {
          attribute: `${schema}:grade`,
          title: 'Grade',
          help: 'The grade of the user.',
          sample: 'senior',
          pickList: 'grade',
        },
      ],
    },
  },
  pickLists: {
    grade: [
      { value: 'junior', title: 'Junior' },
      { value: 'senior', title: 'Senior' },
    ],
  },
  actions: [
    {
      key: 'set_grade',
      title: 'Set grade',
      group: 'Users',
      description: 'Sets the grade of a user.',
      idempotent: true,
      operation: {
        type: 'patch',
        resource: 'User',
        operations: [{ op: 'replace', path: `${schema}:grade`, value: '{grade}' }],
      },
      fields: [
        {
          key: 'grade',
          title: 'Grade',
          help: 'The new grade of the user.',
          type: 'string',
          pickList: 'grade',
          required: true,
          sample: 'senior',
        },
      ],
      sampleInput: { user: { userName: 'ada@example.com' }, grade: 'senior' },
    },
  ],
};
