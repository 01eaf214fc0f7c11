import type { JsonSchema } from '../../schemas/json-schema.ts';
import { defineField } from './define-field.ts';
import type { DryRunDefinition } from './definition.ts';
import { outputObject } from './output-object.ts';

const text: JsonSchema = { type: 'string' };
const row: JsonSchema = {
  type: 'integer',
  minimum: 0,
  title: 'Row',
  description: 'Number of the row of a bulk action, starting at 1. Omitted for other actions.',
};

const request = outputObject(
  'DryRunRequest',
  'A request that an action would send.',
  {
    method: { ...text, title: 'Method', description: 'HTTP method.' },
    path: { ...text, title: 'Path', description: 'Path below the base URL.' },
    query: { type: 'object', title: 'Query', description: 'Query parameters, by name.' },
    body: { title: 'Body', description: 'Request body, with passwords masked.' },
    ifMatch: { ...text, title: 'If-Match', description: 'Version that the resource must still have.' },
    row,
  },
  ['method', 'path'],
);

const change = outputObject(
  'DryRunChange',
  'A change that the requests of an action would make.',
  {
    kind: {
      ...text,
      enum: ['create', 'update', 'delete'],
      title: 'Kind',
      description: '"create", "update", or "delete": what would happen to the resource.',
    },
    resource: { ...text, title: 'Resource type', description: 'Resource type, such as "User".' },
    id: { ...text, title: 'ID', description: 'ID of the resource, or its placeholder before it is created.' },
    name: {
      type: ['string', 'null'],
      title: 'Name',
      description: 'Username of the user, or name of the group. Null if the provider does not show it.',
    },
    path: {
      type: ['string', 'null'],
      title: 'Attribute',
      description: 'SCIM path of the attribute. Null if the whole resource would be deleted.',
    },
    from: { title: 'From', description: 'Current value. Null for no value.' },
    to: { title: 'To', description: 'New value. Null if it would be removed.' },
    row,
  },
  ['kind', 'resource', 'id', 'name', 'path', 'from', 'to'],
);

const outcome: JsonSchema = {
  ...text,
  enum: ['no_change', 'change', 'unknown'],
  title: 'Outcome',
  description:
    '"no_change" if everything is already as requested, "change" if the changes are known, "unknown" if some cannot be predicted.',
};

const error = outputObject('DryRunError', 'An error that an action would end with.', {
  code: { ...text, title: 'Code', description: 'Error code, such as "not_found".' },
  transient: {
    type: 'boolean',
    title: 'Transient',
    description: 'Whether the same action can succeed later.',
  },
  message: { ...text, title: 'Message', description: 'What would be wrong, and what to do.' },
});

const rowResult = outputObject(
  'DryRunRow',
  'Dry run of one row.',
  {
    row: { ...row, description: 'Number of the row, starting at 1.' },
    name: { ...text, title: 'Name', description: 'How the row identifies its user. Omitted if it does not.' },
    ok: { type: 'boolean', title: 'OK', description: 'Whether the row can be run.' },
    outcome,
    error: { ...error, title: 'Error', description: 'Why the row cannot be run, if it cannot.' },
  },
  ['row', 'ok'],
);

/** The output of every dry run. */
const output = outputObject(
  'DryRun',
  'What an action would send and change. Nothing was changed.',
  {
    dryRun: { type: 'boolean', enum: [true], title: 'Is dry run', description: 'Always true.' },
    outcome,
    summary: { ...text, title: 'Summary', description: 'The result in one sentence.' },
    requests: {
      type: 'array',
      title: 'Requests',
      description: 'Requests that would be sent, in order, without those that only read.',
      items: request,
    },
    changes: {
      type: 'array',
      title: 'Changes',
      description: 'Changes that these requests would make.',
      items: change,
    },
    rows: {
      type: 'array',
      title: 'Rows',
      description: 'One result per row of a bulk action. Empty for other actions.',
      items: rowResult,
    },
    notes: {
      type: 'array',
      title: 'Notes',
      description: 'What cannot be predicted, and what placeholders stand for.',
      items: text,
    },
    error: {
      ...error,
      title: 'Error',
      description: 'Error that the action would end with after these requests. Omitted if none is predicted.',
    },
  },
  ['dryRun', 'outcome', 'summary', 'requests', 'changes', 'rows', 'notes'],
);

const id = '2819c223-7f76-453a-919d-413861904646';

/** The dry run of every action that changes something: the switch in its form, and its output. */
export const dryRunDefinition: DryRunDefinition = Object.freeze({
  field: defineField(
    {
      key: 'dryRun',
      title: 'Dry run',
      help: 'Whether to only return what would be sent and changed. Nothing is changed at the provider.',
      type: 'boolean',
      advanced: true,
    },
    {},
  ),
  output,
  sample: {
    dryRun: true,
    outcome: 'change',
    summary: '1 request would be sent. 1 change would be made.',
    requests: [
      {
        method: 'PATCH',
        path: `/Users/${id}`,
        body: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: [{ op: 'replace', path: 'active', value: false }],
        },
      },
    ],
    changes: [
      {
        kind: 'update',
        resource: 'User',
        id,
        name: 'ada@example.com',
        path: 'active',
        from: true,
        to: false,
      },
    ],
    rows: [],
    notes: [],
  },
});
