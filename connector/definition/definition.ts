import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import type { EventType } from '../event.ts';
import type { Effect } from '../manifest/action.zod.ts';
import type { AuthType } from '../manifest/connection.zod.ts';
import type { FieldUnit, PickListOption } from '../manifest/field.zod.ts';
import type { Operation } from '../manifest/operation.zod.ts';
import type { Profile } from '../manifest/profile.zod.ts';
import type { SourceType } from '../manifest/source.zod.ts';

/**
 * How a host renders a field. `references` is a list of references, `objects` a list of objects.
 *
 * @example
 * ```ts
 * const isList = (kind: FieldKind): boolean => ['strings', 'objects', 'references'].includes(kind);
 * ```
 */
export type FieldKind =
  | 'string'
  | 'text'
  | 'integer'
  | 'decimal'
  | 'boolean'
  | 'dateTime'
  | 'object'
  | 'strings'
  | 'objects'
  | 'reference'
  | 'references';

/**
 * One field of a form, with everything that a host needs to render and to validate it.
 *
 * @example
 * ```ts
 * const labelOf = ({ title, required }: Field): string => (required ? `${title} *` : title);
 * ```
 */
export interface Field {
  readonly key: string;
  readonly title: string;
  /** The unit of the value, which hosts show after the title. */
  readonly unit?: FieldUnit;
  readonly help: string;
  readonly kind: FieldKind;
  /** The SCIM path that the value belongs to, such as `urn:…:enterprise:2.0:User:department`. */
  readonly attribute?: string;
  /** For a reference: the resource type. */
  readonly resource?: string;
  /** For the ID of another resource: the references to the types of resource that it can be of. */
  readonly identifies?: readonly Field[];
  readonly required: boolean;
  readonly default?: string | number | boolean;
  readonly sample?: unknown;
  readonly pickList?: readonly PickListOption[];
  /** With a pick-list: whether other values are accepted. */
  readonly custom: boolean;
  readonly secret: boolean;
  readonly advanced: boolean;
  /** For a trigger: whether it is an option of polling, which does not apply to events from a source. */
  readonly polling: boolean;
  /** For a trigger: whether it is an option of the safeguard, which does apply to events from a source. */
  readonly safeguard: boolean;
  /** For a bulk action: whether its value is the action of each row, which determines the fields of the rows. */
  readonly choosesRows: boolean;
  /** The fields of an `object`, or of each of the `objects`; the keys of a `reference`. */
  readonly fields?: readonly Field[];
  /** The schema of the value. */
  readonly schema: JsonSchema;
}

/** One way to identify a resource. */
export interface LookupKey {
  readonly key: string;
  /** The attributes for the lookup, in order, for providers that cannot filter by the previous one. `id` needs no lookup. */
  readonly attributes: readonly string[];
}

/** A SCIM resource type: its endpoint, its attributes, and how it is identified. */
export interface ResourceDefinition {
  readonly name: string;
  readonly title: string;
  /** The path below the base URL: `/Users`. */
  readonly endpoint: string;
  readonly schema: string;
  readonly extensions: readonly string[];
  /** The attributes of the resource itself, including common ones. */
  readonly attributes: readonly ScimAttribute[];
  /** The attributes of each extension, by the URI of its schema. */
  readonly extensionAttributes: Readonly<Record<string, readonly ScimAttribute[]>>;
  readonly reference: Field;
  readonly lookupKeys: readonly LookupKey[];
  readonly uniqueKeys: readonly string[];
  /** The paths of the attributes that hold roles. */
  readonly roles: readonly string[];
  /** The paths of the attributes whose values polls retain, including roles. */
  readonly retainedAttributes: readonly string[];
  readonly fields: readonly Field[];
  /** The schema of the resource in responses. */
  readonly output: JsonSchema;
  readonly sample: Readonly<Record<string, unknown>>;
}

/**
 * The dry run of an action: it reads, and returns what would be sent and changed. It is the same for every action.
 *
 * @example
 * ```ts
 * const titlesOf = ({ output }: DryRunDefinition): (string | undefined)[] =>
 *   Object.values(output.properties ?? {}).map(({ title }) => title);
 * ```
 */
export interface DryRunDefinition {
  /** The switch that a form shows. Its value is not a part of the input: it goes to the option `dryRun`. */
  readonly field: Field;
  readonly output: JsonSchema;
  readonly sample: unknown;
}

/**
 * An action, compiled from the manifest: its form, its schemas, and its samples.
 *
 * @example
 * ```ts
 * const safe: readonly ActionDefinition[] = connector.definition.actions.filter((action) => action.idempotent);
 * ```
 */
export interface ActionDefinition {
  readonly key: string;
  readonly title: string;
  readonly group: string;
  readonly description: string;
  readonly effect: Effect;
  /** Whether a second run with the same input has the same result as one run. */
  readonly idempotent: boolean;
  /** Whether the action is part of everyday work: hosts that can offer only a few actions offer these. */
  readonly everyday: boolean;
  /** The dry run of an action that can change something; undefined if its effect is "read". */
  readonly dryRun: DryRunDefinition | undefined;
  readonly operation: Operation;
  /** Whether the input is a whole resource, which accepts a provider's own attributes. */
  readonly takesResource: boolean;
  readonly fields: readonly Field[];
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  /** Whether the output is null if nothing matches. */
  readonly nullable: boolean;
  readonly sampleInput: Readonly<Record<string, unknown>>;
  readonly sample: unknown;
}

/** The events that a trigger reports. */
export interface Detection {
  /** The names of the resource types. */
  readonly resources: readonly string[];
  readonly types: readonly EventType[];
  /** If present: at least one change is at or below one of these paths. */
  readonly changed?: readonly string[] | undefined;
  /** If present: at least one change is outside these paths. */
  readonly except?: readonly string[] | undefined;
}

/**
 * A trigger, compiled from the manifest: which events it emits, its form, its schemas, and its samples.
 *
 * @example
 * ```ts
 * const titles = connector.definition.triggers.map(({ key, title }: TriggerDefinition) => `${key}: ${title}`);
 * ```
 */
export interface TriggerDefinition {
  readonly key: string;
  readonly title: string;
  /** What a flow receives: "New user". */
  readonly nounTitle: string;
  readonly group: string;
  readonly description: string;
  readonly detect: Detection;
  readonly fields: readonly Field[];
  readonly input: JsonSchema;
  /** The schema of its events. */
  readonly output: JsonSchema;
  readonly sampleInput: Readonly<Record<string, unknown>>;
  readonly sample: unknown;
}

/**
 * An event source other than polling, compiled from the manifest.
 *
 * @example
 * ```ts
 * const fieldsOf = ({ fields }: SourceDefinition): string[] => fields.map(({ key }) => key);
 * connector.definition.sources.map(fieldsOf);
 * ```
 */
export interface SourceDefinition {
  readonly type: SourceType;
  readonly title: string;
  readonly description: string;
  /** How to set up the sender: the steps in order, and its documentation. */
  readonly setup: {
    /** Sentences with keys of settings in backticks. `{url}` is the URL of the receiver. */
    readonly steps: readonly string[];
    readonly docs?: string | undefined;
  };
  readonly fields: readonly Field[];
  /** The schema of its settings. */
  readonly settings: JsonSchema;
  readonly sampleInput: Readonly<Record<string, unknown>>;
  /** The declaration of its subscription API; omitted if the sender is set up manually. */
  readonly subscription?: {
    readonly fields: readonly Field[];
    /** The schema of the settings together with these fields. */
    readonly settings: JsonSchema;
  };
}

/**
 * A way to authenticate at the provider, compiled from the manifest.
 *
 * @example
 * ```ts
 * const secretsOf = ({ fields }: AuthMethodDefinition): string[] =>
 *   fields.filter(({ secret }) => secret).map(({ key }) => key);
 * connector.definition.connection.auth.methods.map(secretsOf);
 * ```
 */
export interface AuthMethodDefinition {
  readonly type: AuthType;
  readonly title: string;
  readonly help: string;
  /** Their keys are unique among the fields of the connection and of all methods. */
  readonly fields: readonly Field[];
  /** The schema of an `auth` of this type. */
  readonly schema: JsonSchema;
}

/**
 * The connection to a provider, compiled from the manifest.
 *
 * @example
 * ```ts
 * const { fields, auth }: ConnectionDefinition = connector.definition.connection;
 * const form = [...fields, ...auth.methods.flatMap((method) => method.fields)];
 * ```
 */
export interface ConnectionDefinition {
  /** The fields of every connection, whatever its method. */
  readonly fields: readonly Field[];
  readonly auth: {
    /** The first one is the default. */
    readonly methods: readonly [AuthMethodDefinition, ...AuthMethodDefinition[]];
  };
  /** The schema of a connection: either `auth`, which is one of the methods, or the fields of the default method. */
  readonly schema: JsonSchema;
}

/**
 * The connector, compiled from the manifest and its overlays, as handlers and hosts use it.
 *
 * @example
 * ```ts
 * const { title, actions, triggers }: ConnectorDefinition = connector.definition;
 * console.log(title, actions.length, triggers.length);
 * ```
 */
export interface ConnectorDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly connection: ConnectionDefinition;
  /** The profile of the provider; undefined without one. */
  readonly profile: Profile | undefined;
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
  /** In the order of the manifest. */
  readonly actions: readonly ActionDefinition[];
  readonly triggers: readonly TriggerDefinition[];
  readonly sources: readonly SourceDefinition[];
}
