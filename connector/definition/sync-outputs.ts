import type { JsonSchema } from '../../schemas/json-schema.ts';
import { outputObject } from './output-object.ts';

const text: JsonSchema = { type: 'string' };
const count: JsonSchema = { type: 'integer', minimum: 0 };

const kinds = {
  create: ['Users to create', 'Number of users to create.'],
  update: ['Users to update', 'Number of users to update.'],
  reactivate: ['Users to reactivate', 'Number of users to reactivate.'],
  deactivate: ['Users to deactivate', 'Number of users to deactivate.'],
  delete: ['Users to delete', 'Number of users to delete.'],
  create_group: ['Groups to create', 'Number of groups to create.'],
  delete_group: ['Groups to delete', 'Number of groups to delete.'],
  join: ['Memberships to add', 'Number of memberships to add.'],
  leave: ['Memberships to end', 'Number of memberships to end.'],
} as const;

const outcomes = {
  changed: ['Changed', 'Number of changes that were made.'],
  unchanged: ['Already done', 'Number of changes that the provider showed already.'],
  refused: ['Refused', 'Number of changes whose user has changed since the plan was made.'],
  failed: ['Failed', 'Number of changes that the provider rejected.'],
  held: ['Held', 'Number of changes that need an approval.'],
  waiting: ['Waiting', 'Number of changes that depend on a change that was not made.'],
  stopped: ['Stopped', 'Number of changes that the run did not complete.'],
} as const;

/** One number for each key. */
function counts(
  name: string,
  description: string,
  texts: Readonly<Record<string, readonly [title: string, description: string]>>,
): JsonSchema {
  const entries = Object.entries(texts).map(
    ([key, [title, about]]) => [key, { ...count, title, description: about }] as const,
  );
  return { ...outputObject(name, description, Object.fromEntries(entries)), title: 'Counts' };
}

const planId: JsonSchema = { ...text, title: 'Plan ID', description: 'ID of the plan.' };

const attribute = outputObject(
  'SyncAttribute',
  'A change of one attribute.',
  {
    path: { ...text, title: 'Attribute', description: 'SCIM path of the attribute.' },
    from: { title: 'Previous value', description: 'Value before the change. Null for no value.' },
    to: { title: 'New value', description: 'Value after the change. Null for no value.' },
    toUserOf: {
      ...text,
      title: 'New user',
      description: 'ID of the change that creates the user whose ID becomes the value. Omitted otherwise.',
    },
    fromUserName: {
      ...text,
      title: 'Previous username',
      description: 'Username of the user whose ID is the previous value. Omitted otherwise.',
    },
    toUserName: {
      ...text,
      title: 'New username',
      description: 'Username of the user whose ID is the new value. Omitted otherwise.',
    },
  },
  ['path', 'from', 'to'],
);

const createdBy: JsonSchema = {
  ...text,
  title: 'Created by',
  description: 'ID of the change that creates it. Omitted if it exists.',
};

const user = outputObject(
  'SyncUser',
  'The user of a change.',
  {
    id: { ...text, title: 'User ID', description: 'ID at the provider. Omitted for a new user.' },
    userName: { ...text, title: 'Username', description: 'Username of the user.' },
    externalId: { ...text, title: 'External ID', description: 'External ID of the user.' },
    active: {
      type: 'boolean',
      title: 'Active',
      description: 'Whether the user is active before the change.',
    },
    createdBy,
  },
  [],
);

const group = outputObject(
  'SyncGroup',
  'The group of a change.',
  {
    id: { ...text, title: 'Group ID', description: 'ID at the provider. Omitted for a new group.' },
    displayName: { ...text, title: 'Group name', description: 'Name of the group.' },
    createdBy,
  },
  ['displayName'],
);

const changeProperties: Readonly<Record<string, JsonSchema>> = {
  id: { ...text, title: 'Change ID', description: 'ID of the change within its plan.' },
  kind: { ...text, enum: Object.keys(kinds), title: 'Change', description: 'Kind of the change.' },
  user: { ...user, title: 'User' },
  group: { ...group, title: 'Group' },
  row: {
    ...count,
    title: 'Row',
    description: 'Number of the desired user, starting at 1. Omitted for a missing user.',
  },
  attributes: {
    type: 'array',
    title: 'Attributes',
    description: 'Attributes that change. Omitted for groups and memberships.',
    items: attribute,
  },
  after: {
    type: 'array',
    title: 'Depends on',
    description: 'IDs of changes that must be made before this one.',
    items: text,
  },
  heldBy: {
    ...text,
    title: 'Held by',
    description: 'ID of the hold that needs an approval. Omitted if the change is not held.',
  },
  hint: { ...text, title: 'Hint', description: 'What to check before the change is made.' },
};

const holds: JsonSchema = {
  type: 'array',
  title: 'Holds',
  description: 'Parts of the plan that need an approval.',
  items: outputObject('SyncHold', 'A part of a plan that needs an approval.', {
    id: { ...text, title: 'Hold ID', description: 'ID that approves exactly these changes.' },
    reason: { ...text, title: 'Reason', description: 'Why these changes are held.' },
    changes: { ...count, title: 'Changes', description: 'Number of held changes.' },
    names: {
      type: 'array',
      title: 'Names',
      description: 'First ten affected users, with what would happen to each.',
      items: text,
    },
  }),
};

/** The output of the operation `plan`. */
export const planOutput: JsonSchema = outputObject('SyncPlan', 'Changes that a sync would make.', {
  planId,
  counts: counts('SyncCounts', 'Number of planned changes of each kind.', kinds),
  unchanged: { ...count, title: 'Unchanged', description: 'Number of desired users that need no change.' },
  untouchable: {
    ...count,
    title: 'Protected',
    description: 'Number of users that would change if they were not protected.',
  },
  changes: {
    type: 'array',
    title: 'Changes',
    description: 'Changes in the order in which they can be made.',
    items: outputObject('SyncChange', 'A planned change.', changeProperties, ['id', 'kind']),
  },
  holds,
  problems: {
    type: 'array',
    title: 'Problems',
    description: 'Desired users that cannot be used. They change nothing.',
    items: outputObject('SyncProblem', 'A problem of the desired users.', {
      rows: {
        type: 'array',
        title: 'Rows',
        description: 'Numbers of the desired users, starting at 1.',
        items: count,
      },
      message: { ...text, title: 'Message', description: 'What is wrong, and how to correct it.' },
    }),
  },
  notes: {
    type: 'array',
    title: 'Notes',
    description: 'Other findings that need no correction.',
    items: text,
  },
  plan: { ...text, title: 'Plan', description: 'Whole plan as text, for the action that applies it.' },
});

/** The output of the operation `apply`. */
export const applyOutput: JsonSchema = outputObject('SyncResult', 'Result of applying a plan.', {
  planId,
  counts: counts('SyncOutcomes', 'Number of changes with each outcome.', outcomes),
  results: {
    type: 'array',
    title: 'Results',
    description: 'One result per change, in the order of the plan.',
    items: outputObject(
      'SyncChangeResult',
      'A change, and its outcome.',
      {
        ...changeProperties,
        outcome: {
          ...text,
          enum: Object.keys(outcomes),
          title: 'Outcome',
          description: 'What became of the change.',
        },
        message: {
          ...text,
          title: 'Message',
          description: 'Why the change was not made. Omitted if it was.',
        },
        code: {
          ...text,
          title: 'Error code',
          description: 'Error code of a failed change. Omitted otherwise.',
        },
        maybeMade: {
          type: 'boolean',
          title: 'May have been made',
          description: 'True for a stopped change that was sent. Omitted otherwise.',
        },
        differences: {
          type: 'array',
          title: 'Differences',
          description: 'For a refused change: what the plan is based on, and what the provider shows now.',
          items: attribute,
        },
      },
      ['id', 'kind', 'outcome'],
    ),
  },
  holds,
});
