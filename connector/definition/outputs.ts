import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { Operation } from '../manifest/operation.zod.ts';
import type { ResourceDefinition } from './definition.ts';
import { outputObject as object } from './output-object.ts';
import { applyOutput, planOutput } from './sync-outputs.ts';

const anything: JsonSchema = {};
const text: JsonSchema = { type: 'string' };
const flag: JsonSchema = { type: 'boolean' };
const count: JsonSchema = { type: 'integer', minimum: 0 };

/** The output of an operation, as JSON Schema. */
export function outputOf(operation: Operation, resource: ResourceDefinition | undefined): JsonSchema {
  const idTitle = `${resource?.title} ID`;
  switch (operation.type) {
    case 'create':
    case 'read':
    case 'replace':
      return resource?.output ?? anything;
    case 'patch':
      return operation.onGone === 'done' ? withDeleted(resource) : (resource?.output ?? anything);
    case 'search':
      return object(`${resource?.name}List`, 'Results of a search.', {
        totalResults: {
          ...count,
          title: 'Total results',
          description: 'Number of matching resources at the provider.',
        },
        truncated: {
          ...flag,
          title: 'Truncated',
          description: 'Whether more results exist than were returned.',
        },
        resources: {
          type: 'array',
          title: 'Results',
          description: 'Resources that match.',
          items: resource?.output ?? anything,
        },
      });
    case 'delete':
      return object('Deleted', 'Result of a deletion.', {
        id: {
          type: ['string', 'null'],
          title: idTitle,
          description: 'ID of the deleted resource. Null if no resource matched.',
        },
        deleted: { ...flag, title: 'Deleted', description: 'Always true: the resource no longer exists.' },
        alreadyGone: {
          ...flag,
          title: 'Was already deleted',
          description: 'Whether it did not exist before this action.',
        },
      });
    case 'members':
      if (operation.change === 'set') return membersSet(idTitle);
      return object('MembersChanged', 'Result of adding or removing members.', {
        id: { ...text, title: idTitle, description: 'ID of the group.' },
        members: {
          type: 'array',
          title: 'Members',
          description: 'Members that were added or removed.',
          items: changedMember,
        },
        requests: {
          ...count,
          title: 'Requests sent',
          description: 'Number of requests that the change took.',
        },
      });
    case 'list_groups':
      return object('UserGroups', 'The groups of a user.', {
        id: { ...text, title: idTitle, description: 'ID of the user.' },
        groups: {
          type: 'array',
          title: 'Groups',
          description: 'Groups that the user is in.',
          items: object(
            'UserGroup',
            'A group that a user is in.',
            {
              value: { ...text, title: 'Group ID', description: 'ID of the group.' },
              display: {
                ...text,
                title: 'Group name',
                description: 'Name of the group, if the provider shows it.',
              },
              type: {
                ...text,
                title: 'Type',
                description:
                  '"direct" for a member of the group, "indirect" for a member of one of its groups, if the provider shows it.',
              },
            },
            ['value'],
          ),
        },
        evidence: {
          ...text,
          title: 'Evidence',
          description:
            'What shows the groups: "user" for the groups of the user, "filter" for a filter by member, "list" for the members of every group.',
        },
      });
    case 'sequence':
      return sequenceOutput(idTitle);
    case 'list_members':
      return object('GroupMembers', 'The members of a group.', {
        id: { ...text, title: idTitle, description: 'ID of the group.' },
        members: {
          type: 'array',
          title: 'Members',
          description: 'Members of the group.',
          items: object(
            'GroupMember',
            'A member of a group.',
            {
              value: { ...text, title: 'Member ID', description: 'ID of the member.' },
              display: {
                ...text,
                title: 'Member name',
                description: 'Name of the member, if the provider shows it.',
              },
              type: {
                ...text,
                title: 'Type',
                description: '"User" or "Group", if the provider shows it.',
              },
            },
            ['value'],
          ),
        },
        truncated: {
          ...flag,
          title: 'Truncated',
          description:
            'Whether the group may have more members: the provider shows exactly as many as can be its limit.',
        },
      });
    case 'bulk':
      return object('BulkResult', 'Results of a bulk action.', {
        succeeded: { ...count, title: 'Succeeded', description: 'Number of rows that succeeded.' },
        failed: { ...count, title: 'Failed', description: 'Number of rows that failed.' },
        results: {
          type: 'array',
          title: 'Results',
          description: 'One result per row, in the order of the rows.',
          items: rowResult(resource),
        },
      });
    case 'plan':
      return planOutput;
    case 'apply':
      return applyOutput;
    case 'discover':
      return object('Discovery', 'What the provider says about itself.', {
        serviceProviderConfig: {
          type: ['object', 'null'],
          title: 'Configuration',
          description: 'Features that the provider supports. Null if it does not publish them.',
        },
        resourceTypes: {
          type: 'array',
          title: 'Resource types',
          description: 'Resource types of the provider.',
          items: { type: 'object' },
        },
        schemas: {
          type: 'array',
          title: 'Schemas',
          description: 'Schemas of its resources.',
          items: { type: 'object' },
        },
      });
    case 'request':
      return object('RawResponse', 'Response to a custom request.', {
        status: { ...count, title: 'Status', description: 'HTTP status code.' },
        headers: { type: 'object', title: 'Headers', description: 'Response headers by lower-case name.' },
        body: {
          title: 'Body',
          description: 'Response body: parsed JSON, or text if it is not JSON. Null if it is empty.',
        },
      });
  }
}

/** The resource, or the rest of it if the provider deletes it. */
function withDeleted(resource: ResourceDefinition | undefined): JsonSchema {
  const output = resource?.output ?? anything;
  const wasDeleted = {
    ...flag,
    title: 'Was deleted',
    description: 'True if the provider deleted the resource instead. Omitted otherwise.',
  };
  return {
    ...output,
    description: 'The resource after the change, or what is left of it.',
    'x-name': `${resource?.name}OrDeleted`,
    properties: { ...output.properties, wasDeleted },
  };
}

/** A sample output of an operation, if it follows from the sample of the resource. */
export function sampleOf(operation: Operation, resource: ResourceDefinition | undefined): unknown {
  return operation.type === 'search'
    ? { totalResults: 1, truncated: false, resources: [resource?.sample] }
    : resource?.sample;
}

function sequenceOutput(idTitle: string): JsonSchema {
  const step = object(
    'SequenceStep',
    'What became of one step.',
    {
      step: { ...text, title: 'Step', description: 'Key of the field that selects the step.' },
      outcome: {
        ...text,
        title: 'Outcome',
        description:
          '"done", "confirmed" if the provider confirmed it and shows nothing that proves it, "unchanged" if it held already, "not_shown" if the provider shows nothing that could be removed, or "skipped".',
      },
      groups: {
        type: 'array',
        title: 'Groups',
        description: 'Groups that the user has left.',
        items: object(
          'LeftGroup',
          'A group that the user has left.',
          {
            value: { ...text, title: 'Group ID', description: 'ID of the group.' },
            display: {
              ...text,
              title: 'Group name',
              description: 'Name of the group, if the provider shows it.',
            },
          },
          ['value'],
        ),
      },
      attributes: {
        type: 'array',
        title: 'Attributes',
        description: 'Attributes that were changed.',
        items: object('ChangedAttribute', 'An attribute that was changed.', {
          path: { ...text, title: 'Attribute', description: 'SCIM path of the attribute.' },
          from: { title: 'Previous value', description: 'Value before the change. Null if there was none.' },
          to: { title: 'New value', description: 'Value after the change. Null if it was removed.' },
        }),
      },
      message: { ...text, title: 'Message', description: 'Why the step was skipped, or what is not proved.' },
    },
    ['step', 'outcome'],
  );
  return object(
    'SequenceResult',
    'What became of each step.',
    {
      id: { ...text, title: idTitle, description: 'ID of the user.' },
      wasDeleted: {
        ...flag,
        title: 'Was deleted',
        description: 'Whether the provider deleted the user instead of deactivating it.',
      },
      steps: { type: 'array', title: 'Steps', description: 'Selected steps, in order.', items: step },
    },
    ['id', 'wasDeleted', 'steps'],
  );
}

const changedMember = object('ChangedMember', 'A member that was added or removed.', {
  value: { ...text, title: 'Member ID', description: 'ID of the member.' },
});

function membersSet(idTitle: string): JsonSchema {
  return object('MembersSet', 'Result of setting the members of a group.', {
    id: { ...text, title: idTitle, description: 'ID of the group.' },
    added: {
      type: 'array',
      title: 'Added members',
      description: 'Members that were added.',
      items: changedMember,
    },
    removed: {
      type: 'array',
      title: 'Removed members',
      description: 'Members that were removed.',
      items: changedMember,
    },
    unchanged: { ...count, title: 'Unchanged members', description: 'Number of members that stay.' },
    requests: {
      ...count,
      title: 'Requests sent',
      description: 'Number of requests that the change took.',
    },
  });
}

function rowResult(resource: ResourceDefinition | undefined): JsonSchema {
  const reference = resource && {
    [resource.reference.key]: {
      ...text,
      title: resource.title,
      description: 'How the row identifies it: by name if the row has one, otherwise by ID.',
    },
  };
  return object(
    'RowResult',
    'Result of one row.',
    {
      row: { ...count, title: 'Row', description: 'Number of the row, starting at 1.' },
      ...reference,
      ok: { ...flag, title: 'OK', description: 'Whether the row succeeded.' },
      id: { ...text, title: 'ID', description: 'ID of the resource, if known.' },
      output: { title: 'Output', description: 'Output of the action, if the row succeeded.' },
      error: {
        ...object('RowError', 'Why a row failed.', { code: text, transient: flag, message: text }),
        title: 'Error',
        description: 'Error of the action, if the row failed.',
      },
    },
    ['row', 'ok'],
  );
}
