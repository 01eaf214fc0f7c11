import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import type { EventType } from '../event.ts';
import type { Effect, FieldUnit, Operation, PickListOption, SourceType } from '../manifest/manifest.zod.ts';

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
  /** Of a reference: the kind of resource. */
  readonly resource?: string;
  readonly required: boolean;
  readonly default?: string | number | boolean;
  readonly sample?: unknown;
  readonly pickList?: readonly PickListOption[];
  /** With a pick-list: whether other values may be given too. */
  readonly custom: boolean;
  readonly secret: boolean;
  readonly advanced: boolean;
  /** Of a trigger: whether it says how the provider is polled, which means nothing to events from a source. */
  readonly polling: boolean;
  /** Of a bulk action: whether its value is the action of each row, which decides the form of the rows. */
  readonly choosesRows: boolean;
  /** The fields of an `object`, or of each of the `objects`; the ways to name a `reference`. */
  readonly fields?: readonly Field[];
  /** What the value must be. */
  readonly schema: JsonSchema;
}

/** How a step can name a resource: by one of these. */
export interface LookupKey {
  readonly key: string;
  /** The attributes to look for, in turn, while the provider cannot filter by the previous one; `id` needs no looking. */
  readonly attributes: readonly string[];
}

/** A kind of SCIM resource: where it lives, what it has, how it is named. */
export interface ResourceDefinition {
  readonly name: string;
  readonly title: string;
  /** The path below the base URL: `/Users`. */
  readonly endpoint: string;
  readonly schema: string;
  readonly extensions: readonly string[];
  /** The attributes of the resource itself, common ones included. */
  readonly attributes: readonly ScimAttribute[];
  /** The attributes of each extension, by the URI of its schema. */
  readonly extensionAttributes: Readonly<Record<string, readonly ScimAttribute[]>>;
  readonly reference: Field;
  readonly lookupKeys: readonly LookupKey[];
  readonly uniqueKeys: readonly string[];
  /** The paths of the attributes that say what the resource may do. */
  readonly roles: readonly string[];
  /** The paths of the attributes whose values polls keep, roles included. */
  readonly retainedAttributes: readonly string[];
  readonly fields: readonly Field[];
  /** What a provider answers. */
  readonly output: JsonSchema;
  readonly sample: Readonly<Record<string, unknown>>;
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
  /** Whether running it twice with the same input leaves the same as once. */
  readonly idempotent: boolean;
  readonly operation: Operation;
  /** Whether the input is a whole resource, so that a provider's own attributes may be given too. */
  readonly takesResource: boolean;
  readonly fields: readonly Field[];
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  /** Whether the output is null when there is nothing. */
  readonly nullable: boolean;
  readonly sampleInput: Readonly<Record<string, unknown>>;
  readonly sample: unknown;
}

/** Which events a trigger starts with. */
export interface Detection {
  /** The kinds of resource, by their names. */
  readonly resources: readonly string[];
  readonly types: readonly EventType[];
  /** Where given: at least one change is at, or below, one of these paths. */
  readonly changed?: readonly string[] | undefined;
  /** Where given: at least one change is elsewhere than at, or below, these paths. */
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
  /** The form of its events. */
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
  readonly fields: readonly Field[];
  /** What its settings must be. */
  readonly settings: JsonSchema;
  readonly sampleInput: Readonly<Record<string, unknown>>;
  /** What it takes to have the sender send to an address; omitted where a person does that. */
  readonly subscription?: {
    readonly fields: readonly Field[];
    /** What the settings, with these next to them, must be. */
    readonly settings: JsonSchema;
  };
}

/**
 * The connector, compiled from the manifest and its overlays: what handlers and hosts work from.
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
  readonly connection: { readonly fields: readonly Field[]; readonly schema: JsonSchema };
  readonly resources: Readonly<Record<string, ResourceDefinition>>;
  /** In the order of the manifest. */
  readonly actions: readonly ActionDefinition[];
  readonly triggers: readonly TriggerDefinition[];
  readonly sources: readonly SourceDefinition[];
}
