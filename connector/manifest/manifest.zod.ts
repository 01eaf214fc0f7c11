import { z } from 'zod';

/** Keys live in other people's flows forever, so they are plain, and short enough for every host. */
const key = z
  .string()
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'must be lower-case words joined by "_", such as "create_user"')
  .max(60);

const fieldKey = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be letters, digits and "_", such as "displayName"')
  .max(60);

const label = z.string().min(2).max(80).describe('A label, in sentence case.');
const sentence = z
  .string()
  .min(10)
  .max(400)
  .regex(/[.?!]$/, 'must be a sentence that ends with a full stop')
  .describe('Help for people who do not know SCIM.');

const option = z
  .strictObject({
    value: z.union([z.string(), z.number(), z.boolean()]),
    title: z.string().min(1),
    help: sentence.optional(),
  })
  .describe('One entry of a pick-list.');

const field = z
  .strictObject({
    key: fieldKey.optional().describe('The name in the input. Left out: the name of the attribute.'),
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
        'The SCIM attribute that the field is, such as "name.givenName" or "urn:…:User:department". Its type, and whether it has several values, come from the schema.',
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
      .describe('What the value is, where no attribute says it. "text" is a string of several lines.'),
    resource: z.string().optional().describe('Of a "reference": the kind of resource that it names.'),
    required: z.boolean().optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    sample: z.unknown().optional().describe('A value as somebody would really give it.'),
    pickList: z.string().optional().describe('The name of a pick-list, from "pickLists".'),
    custom: z.boolean().optional().describe('With a pick-list: whether other values may be given too.'),
    secret: z
      .boolean()
      .optional()
      .describe('A password or token: hosts mask it, and no log or error shows it.'),
    advanced: z.boolean().optional().describe('Hosts may put it under "more fields".'),
    polling: z
      .literal(true)
      .optional()
      .describe('Of a trigger: how the provider is polled. It has no meaning for events from a source.'),
    choosesRows: z
      .literal(true)
      .optional()
      .describe(
        'Of a bulk action: its value is the action that runs for each row, so it decides the form of the rows.',
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
      nullable: z.boolean().optional().describe('null may be given, to take the value away.'),
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
        'A SCIM path. "{field}" is replaced by the value of a field that has a closed pick-list or a map.',
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
    onConflict: z.enum(['fail', 'return', 'update']).describe('What to do when there is one already.'),
  }),
  z.strictObject({
    type: z.literal('read'),
    resource: z.string(),
    onMissing: z.enum(['fail', 'null']).describe('What to do when there is none.'),
  }),
  z.strictObject({ type: z.literal('search'), resource: z.string() }),
  z.strictObject({
    type: z.literal('patch'),
    resource: z.string(),
    operations: z
      .union([z.literal('given'), z.array(patchTemplate).min(1)])
      .describe('"given": the fields that were given. Otherwise a template.'),
    maps: z
      .record(z.string(), z.record(z.string(), z.string()))
      .optional()
      .describe('For a field that stands in the template: what each of its values becomes there.'),
    onGone: z
      .enum(['fail', 'done'])
      .optional()
      .describe('What it means when the change deletes the resource: by default, an error.'),
  }),
  z.strictObject({ type: z.literal('replace'), resource: z.string() }),
  z.strictObject({ type: z.literal('delete'), resource: z.string() }),
  z.strictObject({
    type: z.literal('members'),
    resource: z.string(),
    change: z.enum(['add', 'remove']),
    chunkSize: z.int().min(1).max(1000).describe('The largest number of members in one request.'),
  }),
  z.strictObject({
    type: z.literal('bulk'),
    actions: z.array(key).min(1).describe('The actions that a row may run, the default one first.'),
  }),
  z.strictObject({ type: z.literal('discover') }),
  z.strictObject({ type: z.literal('request') }),
]);

const action = z
  .strictObject({
    key,
    title: label,
    group: z.string().describe('The heading that hosts put it under.'),
    description: sentence.describe('What it does: a verb in the third person first.'),
    effect: z
      .enum(['read', 'write', 'destructive'])
      .optional()
      .describe(
        '"read" changes nothing at the provider, "destructive" can end access or remove data, "write" is any other change. Default: "read" where the operation only reads, else "destructive".',
      ),
    idempotent: z.boolean().describe('Whether running it twice with the same input leaves the same as once.'),
    operation,
    fields: z.array(fieldEntry),
    sampleInput: z.record(z.string(), z.unknown()).describe('An input that works.'),
    sample: z
      .unknown()
      .optional()
      .describe('An output as it really looks. Left out where it follows from the sample of the resource.'),
  })
  .describe('A step that a flow can take.');

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
    group: z.string().describe('The heading that hosts put it under.'),
    description: sentence.describe('When it starts a flow: "Triggers when …".'),
    detect: z
      .strictObject({
        resources: z.array(z.string()).min(1).describe('The kinds of resource.'),
        types: z.array(eventType).min(1).describe('The types of event, in the words of RFC 9967.'),
        changed: z
          .union([z.literal('roles'), z.array(z.string()).min(1)])
          .optional()
          .describe(
            'At least one change is at, or below, one of these paths. "roles": those that the resource names.',
          ),
        except: z
          .array(z.string())
          .min(1)
          .optional()
          .describe('At least one change is elsewhere than these.'),
      })
      .describe('Which events it starts with.'),
    fields: z.array(fieldEntry),
    sampleInput: z.record(z.string(), z.unknown()).describe('An input that works.'),
    sample: z
      .strictObject({
        type: eventType,
        changes: z.array(
          z.strictObject({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() }),
        ),
      })
      .describe(
        'An event that it starts with; what is not said here follows from the sample of the resource.',
      ),
  })
  .describe('What a flow can start with.');

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
        'How its messages are checked and read. There is one source of each type, and this is its key.',
      ),
    title: label,
    description: sentence.describe('What it receives: a verb in the third person first.'),
    fields: z.array(field).describe('Its settings.'),
    sampleInput: z.record(z.string(), z.unknown()).describe('Settings that work.'),
    subscription: z
      .strictObject({ fields: z.array(field).describe('What it takes beside the settings.') })
      .optional()
      .describe(
        'That a host which knows its own address can have the sender send there, and no longer, by itself. Left out: a person sets the sender up.',
      ),
  })
  .describe('Where events come from, beside polls.');

const lookupKeys = z.strictObject({
  key: fieldKey,
  title: label,
  help: sentence,
  attributes: z
    .array(z.string())
    .min(1)
    .describe(
      'The attribute to look for, then others to try when the provider cannot filter by it; "id" needs no looking.',
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
      .describe('How a step names one resource of this kind.'),
    uniqueKeys: z
      .array(z.string())
      .min(1)
      .describe(
        'The attributes that tell, after a lost answer, whether a create was done: the first one that was given is looked up.',
      ),
    roles: z
      .array(z.string())
      .optional()
      .describe('The attributes that say what the resource may do; a change of one is a change of role.'),
    retainedAttributes: z
      .array(z.string())
      .optional()
      .describe(
        'The attributes whose values polls keep, so that an event can say what they were; roles are among them. Of all others they keep fingerprints.',
      ),
    fields: z.array(field),
    sample: z.looseObject({ id: z.string() }).describe('A resource of this kind, as a provider answers it.'),
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
    'Labels of attributes that are not fields, by path ("emails.value"), by name alone ("display"), or by the URI of an extension. Default: made from the name.',
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
  .describe('A Rolecall connector: its connection, resources, actions and triggers.');

/** An overlay: a provider's own schemas, fields and actions, put over the manifest. */
export const overlaySchema = z
  .strictObject({
    $schema: z.string().optional(),
    overlayVersion: z.literal(1),
    title: label.describe('What it adds, such as the name of the provider.'),
    schemas: z
      .array(
        z.looseObject({
          id: z.string(),
          attributes: z.array(z.looseObject({ name: z.string(), type: z.string() })),
        }),
      )
      .optional()
      .describe('SCIM schemas, as the provider answers them at /Schemas.'),
    resources: z.record(z.string(), resourceExtension).optional(),
    attributeTitles: attributeTitles.optional(),
    pickLists: pickLists.optional(),
    actions: z.array(action).optional(),
    triggers: z.array(trigger).optional(),
  })
  .describe("An overlay over a Rolecall manifest: a provider's own attributes and actions.");

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
