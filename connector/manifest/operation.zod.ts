import { z } from 'zod';
import { fieldKey, key } from './texts.zod.ts';

const patchTemplate = z
  .strictObject({
    op: z.enum(['add', 'replace', 'remove']),
    path: z
      .string()
      .describe(
        'A SCIM path. "{field}" is replaced by the value of a field with a closed pick-list or a map.',
      ),
    value: z
      .unknown()
      .optional()
      .describe('Any JSON. The string "{field}" is replaced by the value of the field.'),
  })
  .describe('One operation of a PATCH (RFC 7644 §3.5.2).');

const steps = z
  .array(
    z.discriminatedUnion('type', [
      z.strictObject({
        type: z.literal('patch'),
        field: fieldKey.describe('The key of the boolean field that selects the step.'),
        operations: z.array(patchTemplate).min(1).describe('Constants, without "{field}".'),
        onlyShown: z
          .boolean()
          .optional()
          .describe(
            'Whether operations on attributes that the resource does not show are omitted. An extension is shown as a whole. Default: false.',
          ),
        onGone: z.enum(['fail', 'done']).optional().describe('As in "patch".'),
      }),
      z.strictObject({
        type: z.literal('leave_groups'),
        field: fieldKey.describe('The key of the boolean field that selects the step.'),
        groups: z.string().describe('The resource type of the groups.'),
      }),
    ]),
  )
  .min(1);

/** What an action does: one of the closed set for which `actions/` has a handler. */
export const operation = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('create'),
    resource: z.string(),
    onConflict: z.enum(['fail', 'return', 'update']).describe('What to do if the resource already exists.'),
  }),
  z.strictObject({
    type: z.literal('read'),
    resource: z.string(),
    onMissing: z.enum(['fail', 'null']).describe('What to do if the resource does not exist.'),
  }),
  z.strictObject({ type: z.literal('search'), resource: z.string() }),
  z.strictObject({
    type: z.literal('patch'),
    resource: z.string(),
    operations: z
      .union([z.literal('given'), z.array(patchTemplate).min(1)])
      .describe('"given": one operation per field in the input. Otherwise, a template.'),
    maps: z
      .record(z.string(), z.record(z.string(), z.string()))
      .optional()
      .describe('For a field in the template: what each of its values is replaced by.'),
    onGone: z
      .enum(['fail', 'done'])
      .optional()
      .describe(
        '"done": the action succeeds if the provider deletes the resource instead of changing it. "fail": the action fails. Default: "fail".',
      ),
  }),
  z.strictObject({ type: z.literal('replace'), resource: z.string() }),
  z.strictObject({ type: z.literal('delete'), resource: z.string() }),
  z.strictObject({
    type: z.literal('members'),
    resource: z.string(),
    change: z
      .enum(['add', 'remove', 'set'])
      .describe(
        '"set" adds and removes until the group has exactly the given members. An empty list is accepted only with the input `allowEmpty`.',
      ),
    chunkSize: z.int().min(1).max(1000).describe('The maximum number of members in one request.'),
  }),
  z.strictObject({
    type: z.literal('list_groups'),
    resource: z.string(),
    groups: z.string().describe('The resource type of the groups.'),
  }),
  z.strictObject({ type: z.literal('list_members'), resource: z.string() }),
  z.strictObject({
    type: z.literal('sequence'),
    resource: z.string(),
    steps: steps.describe(
      'What is done with one resource, in this order. A step that fails does not stop the next one. Each is skipped if it holds already.',
    ),
  }),
  z.strictObject({
    type: z.literal('bulk'),
    actions: z
      .array(key)
      .min(1)
      .describe('The keys of the actions that a row can run. The first one is the default.'),
  }),
  z.strictObject({ type: z.literal('plan') }),
  z.strictObject({ type: z.literal('apply') }),
  z.strictObject({ type: z.literal('discover') }),
  z.strictObject({ type: z.literal('request') }),
]);

export type Operation = z.infer<typeof operation>;
export type OperationType = Operation['type'];
export type SequenceStep = Extract<Operation, { type: 'sequence' }>['steps'][number];
export type PatchTemplate = z.infer<typeof patchTemplate>;
