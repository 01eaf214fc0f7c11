import { z } from 'zod';
import { field } from './field.zod.ts';
import { fieldKey, label, sentence } from './texts.zod.ts';

const lookupKeys = z.strictObject({
  key: fieldKey,
  title: label,
  help: sentence,
  attributes: z
    .array(z.string())
    .min(1)
    .describe(
      'The attribute for the lookup, followed by alternatives for providers that cannot filter by it. "id" needs no lookup.',
    ),
  sample: z.string(),
});

export const resource = z
  .strictObject({
    title: label,
    endpoint: z.string().regex(/^\/[A-Za-z]+$/, 'must be a path such as "/Users"'),
    schema: z.string(),
    extensions: z.array(z.string()).describe('The URIs of the extension schemas.'),
    reference: z
      .strictObject({ key: fieldKey, title: label, help: sentence, lookupKeys: z.array(lookupKeys).min(1) })
      .describe('How an action identifies one resource of this type.'),
    uniqueKeys: z
      .array(z.string())
      .min(1)
      .describe(
        'The attributes that identify a created resource after a lost response. The first one in the input is looked up.',
      ),
    roles: z
      .array(z.string())
      .optional()
      .describe('The attributes that hold roles. A change of one is a role change.'),
    retainedAttributes: z
      .array(z.string())
      .optional()
      .describe(
        'The attributes whose values polls retain, so that an event can report the previous value. Roles are always retained. For all others, polls store fingerprints.',
      ),
    fields: z.array(field),
    sample: z.looseObject({ id: z.string() }).describe('A resource of this type, as a provider returns it.'),
  })
  .describe('A SCIM resource type.');

/** What an overlay adds to a resource. */
export const resourceExtension = z.strictObject({
  extensions: z.array(z.string()).optional(),
  roles: z.array(z.string()).optional(),
  retainedAttributes: z.array(z.string()).optional(),
  fields: z.array(field).optional(),
});

/** The labels of attributes. */
export const attributeTitles = z
  .record(z.string(), label)
  .describe(
    'Labels of attributes that are not fields, by path ("emails.value"), by name ("display"), or by the URI of an extension. Default: derived from the name.',
  );

export type ResourceDeclaration = z.infer<typeof resource>;
