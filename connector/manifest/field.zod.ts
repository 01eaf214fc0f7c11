import { z } from 'zod';
import { fieldKey, label, sentence } from './texts.zod.ts';

const option = z
  .strictObject({
    value: z.union([z.string(), z.number(), z.boolean()]),
    title: z.string().min(1),
    help: sentence.optional(),
  })
  .describe('One entry of a pick-list.');

export const pickLists = z.record(z.string(), z.array(option).min(1));

/** A field of a form. */
export const field = z
  .strictObject({
    key: fieldKey.optional().describe('The name in the input. Default: the name of the attribute.'),
    title: label,
    unit: z
      .enum([
        'milliseconds',
        'seconds',
        'minutes',
        'bytes',
        'requests per minute',
        'losses per day',
        'percent',
      ])
      .optional()
      .describe('The unit of the value. Hosts show it after the label.'),
    help: sentence,
    attribute: z
      .string()
      .optional()
      .describe(
        'The SCIM attribute of the field, such as "name.givenName" or "urn:…:User:department". Its schema defines the type, and whether it is multi-valued.',
      ),
    type: z
      .enum([
        'string',
        'text',
        'integer',
        'boolean',
        'dateTime',
        'object',
        'strings',
        'objects',
        'reference',
        'references',
      ])
      .optional()
      .describe('The type of the value, if there is no attribute. "text" is a multi-line string.'),
    resource: z.string().optional().describe('For "reference" and "references": the resource type.'),
    required: z.boolean().optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    sample: z.unknown().optional().describe('A realistic value.'),
    pickList: z.string().optional().describe('The name of a pick-list in "pickLists".'),
    custom: z.boolean().optional().describe('With a pick-list: whether other values are accepted.'),
    secret: z
      .boolean()
      .optional()
      .describe('Whether the value is a password or token. Hosts mask it, and no log or error shows it.'),
    advanced: z
      .boolean()
      .optional()
      .describe('Whether hosts can show the field under "more fields" instead of in the form.'),
    polling: z
      .literal(true)
      .optional()
      .describe(
        'For a trigger: the field is an option of polls, and does not apply to events from a source.',
      ),
    safeguard: z
      .literal(true)
      .optional()
      .describe(
        'For a trigger: the field is an option of the safeguard, and applies to events from a source although it is one of polls.',
      ),
    choosesRows: z
      .literal(true)
      .optional()
      .describe(
        'For a bulk action: the value is the key of the action that each row runs, and determines the fields of the rows.',
      ),
  })
  .describe('One field of a form.');

/** A field, or a reference to fields that are declared elsewhere. */
export const fieldEntry = z.union([
  field,
  z.strictObject({ use: z.string() }).describe('All fields of a field set in "fieldSets".'),
  z
    .strictObject({
      fieldsOf: z.string(),
      required: z.array(z.string()).optional(),
      only: z.array(z.string()).optional(),
      omit: z.array(z.string()).optional(),
      nullable: z.boolean().optional().describe('Whether null is accepted, which removes the value.'),
      advanced: z.boolean().optional(),
    })
    .describe('The fields of a resource.'),
]);

export type PickListOption = z.infer<typeof option>;
export type FieldDeclaration = z.infer<typeof field>;
export type FieldUnit = NonNullable<FieldDeclaration['unit']>;
export type FieldEntry = z.infer<typeof fieldEntry>;
