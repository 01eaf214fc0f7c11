import { z } from 'zod';

/** Users' flows contain keys permanently, so they are plain, and short enough for every host. */
const key = z
  .string()
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'must be lower-case words joined by "_", such as "create_user"')
  .max(60);

const fieldKey = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be letters, digits, and "_", such as "displayName"')
  .max(60);

const label = z.string().min(2).max(80).describe('A label, in sentence case.');
const sentence = z
  .string()
  .min(10)
  .max(400)
  .regex(/[.?!]$/, 'must be a sentence that ends with a period')
  .describe('Help text for people who do not know SCIM.');

const option = z
  .strictObject({
    value: z.union([z.string(), z.number(), z.boolean()]),
    title: z.string().min(1),
    help: sentence.optional(),
  })
  .describe('One entry of a pick-list.');

const field = z
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
        'users losing access per poll',
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
    resource: z.string().optional().describe('For a "reference": the resource type.'),
    required: z.boolean().optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    sample: z.unknown().optional().describe('A realistic value.'),
    pickList: z.string().optional().describe('The name of a pick-list, from "pickLists".'),
    custom: z.boolean().optional().describe('With a pick-list: whether other values are accepted.'),
    secret: z
      .boolean()
      .optional()
      .describe('A password or token. Hosts mask it, and no log or error shows it.'),
    advanced: z.boolean().optional().describe('Hosts can show it under "more fields".'),
    polling: z
      .literal(true)
      .optional()
      .describe('For a trigger: an option of polling. Events from a source do not use it.'),
    choosesRows: z
      .literal(true)
      .optional()
      .describe(
        'For a bulk action: its value is the action of each row, which determines the fields of the rows.',
      ),
  })
  .describe('One field of a form.');

const fieldEntry = z.union([
  field,
  z.strictObject({ use: z.string() }).describe('The fields of a field set, from "fieldSets".'),
  z
    .strictObject({
      fieldsOf: z.string(),
      required: z.array(z.string()).optional(),
      only: z.array(z.string()).optional(),
      omit: z.array(z.string()).optional(),
      nullable: z.boolean().optional().describe('null is accepted, and removes the value.'),
      advanced: z.boolean().optional(),
    })
    .describe('The fields of a resource.'),
]);

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

const operation = z.discriminatedUnion('type', [
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
      .describe('"given": the fields in the input. Otherwise a template.'),
    maps: z
      .record(z.string(), z.record(z.string(), z.string()))
      .optional()
      .describe('For a field in the template: the replacement of each of its values.'),
    onGone: z
      .enum(['fail', 'done'])
      .optional()
      .describe('The result if the change deletes the resource. Default: an error.'),
  }),
  z.strictObject({ type: z.literal('replace'), resource: z.string() }),
  z.strictObject({ type: z.literal('delete'), resource: z.string() }),
  z.strictObject({
    type: z.literal('members'),
    resource: z.string(),
    change: z.enum(['add', 'remove']),
    chunkSize: z.int().min(1).max(1000).describe('The maximum number of members in one request.'),
  }),
  z.strictObject({
    type: z.literal('bulk'),
    actions: z.array(key).min(1).describe('The actions that a row can run, the default one first.'),
  }),
  z.strictObject({ type: z.literal('discover') }),
  z.strictObject({ type: z.literal('request') }),
]);

const action = z
  .strictObject({
    key,
    title: label,
    group: z.string().describe('The heading under which hosts list it.'),
    description: sentence.describe('What it does. Begins with a verb in the third person.'),
    effect: z
      .enum(['read', 'write', 'destructive'])
      .optional()
      .describe(
        '"read" changes nothing at the provider, "destructive" can end access or remove data, "write" is any other change. Default: "read" where the operation only reads, else "destructive".',
      ),
    idempotent: z
      .boolean()
      .describe('Whether a second run with the same input has the same result as one run.'),
    operation,
    fields: z.array(fieldEntry),
    sampleInput: z.record(z.string(), z.unknown()).describe('A working input.'),
    sample: z
      .unknown()
      .optional()
      .describe('A realistic output. Omit it if it follows from the sample of the resource.'),
  })
  .describe('An action that a flow can run.');

const eventType = z.enum(['create', 'patch', 'put', 'delete', 'activate', 'deactivate']);

const trigger = z
  .strictObject({
    key,
    title: label,
    nounTitle: label
      .optional()
      .describe(
        'What a flow receives, such as "New user", for hosts that name triggers so. Default: the title.',
      ),
    group: z.string().describe('The heading under which hosts list it.'),
    description: sentence.describe('When it starts a flow: "Triggers when …".'),
    detect: z
      .strictObject({
        resources: z.array(z.string()).min(1).describe('The resource types.'),
        types: z.array(eventType).min(1).describe('The event types, in the terms of RFC 9967.'),
        changed: z
          .union([z.literal('roles'), z.array(z.string()).min(1)])
          .optional()
          .describe(
            'At least one change is at or below one of these paths. "roles": the paths under "roles" of the resource.',
          ),
        except: z.array(z.string()).min(1).optional().describe('At least one change is outside these paths.'),
      })
      .describe('The events that it reports.'),
    fields: z.array(fieldEntry),
    sampleInput: z.record(z.string(), z.unknown()).describe('A working input.'),
    sample: z
      .strictObject({
        type: eventType,
        changes: z.array(
          z.strictObject({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() }),
        ),
      })
      .describe('An event that it reports. Omitted parts follow from the sample of the resource.'),
  })
  .describe('A trigger that can start a flow.');

const source = z
  .strictObject({
    type: z
      .enum([
        'security_event_token',
        'security_event_poll',
        'okta_event_hook',
        'workos',
        'ory_polis',
        'workato_audit_log',
      ])
      .describe(
        'How its messages are verified and mapped. There is one source of each type, and this is its key.',
      ),
    title: label,
    description: sentence.describe('What it receives. Begins with a verb in the third person.'),
    fields: z.array(field).describe('Its settings.'),
    sampleInput: z.record(z.string(), z.unknown()).describe('Working settings.'),
    subscription: z
      .strictObject({ fields: z.array(field).describe('The additional settings of the subscription.') })
      .optional()
      .describe(
        'That a host which knows its own address can have the sender send there, and no longer, by itself. Left out: a person sets the sender up.',
      ),
  })
  .describe('An event source, in addition to polls.');

const lookupKeys = z.strictObject({
  key: fieldKey,
  title: label,
  help: sentence,
  attributes: z
    .array(z.string())
    .min(1)
    .describe(
      'The attribute for the lookup, followed by alternatives if the provider cannot filter by it. "id" needs no lookup.',
    ),
  sample: z.string(),
});

const resource = z
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
  .describe('A kind of SCIM resource.');

const resourceExtension = z.strictObject({
  extensions: z.array(z.string()).optional(),
  roles: z.array(z.string()).optional(),
  retainedAttributes: z.array(z.string()).optional(),
  fields: z.array(field).optional(),
});

const attributeTitles = z
  .record(z.string(), label)
  .describe(
    'Labels of attributes that are not fields, by path ("emails.value"), by name ("display"), or by the URI of an extension. Default: derived from the name.',
  );

const pickLists = z.record(z.string(), z.array(option).min(1));

/** manifest.json: the connector, declared. */
export const manifestSchema = z
  .strictObject({
    $schema: z.string().optional(),
    manifestVersion: z.literal(1),
    name: key,
    title: label,
    description: sentence,
    connection: z.strictObject({ fields: z.array(field).min(1) }),
    resources: z.record(z.string(), resource),
    attributeTitles,
    pickLists,
    fieldSets: z.record(z.string(), z.array(field)),
    actions: z.array(action).min(1),
    triggers: z.array(trigger),
    sources: z.array(source),
  })
  .describe('A Rolecall connector: its connection, resources, actions, and triggers.');

/** An overlay: a provider's own schemas, fields, and actions, which are added to the manifest. */
export const overlaySchema = z
  .strictObject({
    $schema: z.string().optional(),
    overlayVersion: z.literal(1),
    title: label.describe('A label for the overlay, such as the name of the provider.'),
    schemas: z
      .array(
        z.looseObject({
          id: z.string(),
          attributes: z.array(z.looseObject({ name: z.string(), type: z.string() })),
        }),
      )
      .optional()
      .describe('SCIM schemas, as the provider returns them at /Schemas.'),
    resources: z.record(z.string(), resourceExtension).optional(),
    attributeTitles: attributeTitles.optional(),
    pickLists: pickLists.optional(),
    actions: z.array(action).optional(),
    triggers: z.array(trigger).optional(),
  })
  .describe("An overlay of a Rolecall manifest: a provider's own attributes and actions.");

/**
 * A manifest: the connector, declared. docs/manifest.md describes its language.
 *
 * @example
 * ```ts
 * const keysOf = ({ actions }: Manifest): string[] => actions.map(({ key }) => key);
 * ```
 */
export type Manifest = z.infer<typeof manifestSchema>;
/**
 * An overlay: a provider's own attributes, fields, and actions, which are added to a manifest.
 *
 * @example
 * ```ts
 * const overlay: Overlay = parseOverlay({
 *   overlayVersion: 1,
 *   title: 'Acme',
 *   pickLists: { region: [{ value: 'eu', title: 'Europe' }] },
 * });
 * ```
 */
export type Overlay = z.infer<typeof overlaySchema>;
export type FieldDeclaration = z.infer<typeof field>;
export type FieldUnit = NonNullable<FieldDeclaration['unit']>;
export type FieldEntry = z.infer<typeof fieldEntry>;
export type ActionDeclaration = z.infer<typeof action>;
export type Effect = NonNullable<ActionDeclaration['effect']>;
export type TriggerDeclaration = z.infer<typeof trigger>;
export type SourceDeclaration = z.infer<typeof source>;
export type SourceType = SourceDeclaration['type'];
export type ResourceDeclaration = z.infer<typeof resource>;
export type Operation = z.infer<typeof operation>;
export type OperationType = Operation['type'];
export type PatchTemplate = z.infer<typeof patchTemplate>;
export type PickListOption = z.infer<typeof option>;
