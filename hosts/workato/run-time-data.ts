import { reservedHeaders } from '../../connector/auth-problems.ts';
import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
  ResourceDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';
import { objectOf } from '../../connector/definition/object-of.ts';
import type { Profile } from '../../connector/manifest/profile.zod.ts';
import { connectionDefaults } from '../../connector/profile.ts';
import { presetOf } from '../../connector/provider/presets.ts';
import { profiles } from '../../runtime/profiles.ts';
import { humanize } from '../../schemas/humanize.ts';
import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import { attributeNames } from '../../sync/column-map.ts';
import { methodTitles, otherProvider } from '../kit/provider-choice.ts';
import { connectionFields } from './connection-fields.ts';
import { fetchedSources, safeguardFields } from './event-sources.ts';
import { mapValues } from './map-values.ts';
import { createSchemaPool } from './schema-pool.ts';
import { batchSizeField } from './trigger-variants.ts';

/** JSON, by name. */
export type Data = Readonly<Record<string, unknown>>;

/** The part of the definition that the Ruby runtime needs. Everything in it is shipped. */
export type RunTimeData = {
  /** The schema of a connection, without the fields of its method. */
  readonly connection: Data;
  /** The schemas of the methods to authenticate, by type. The first is the default. */
  readonly auth: Readonly<Record<string, Data>>;
  /** The profiles of providers, by the values of the field that selects one. */
  readonly profiles: Readonly<Record<string, Data>>;
  readonly headers: {
    /** In lower case: the headers that cannot hold a credential. */
    readonly reserved: readonly string[];
  };
  readonly resources: Readonly<Record<string, Data>>;
  readonly actions: Readonly<Record<string, Data>>;
  readonly triggers: Readonly<Record<string, Data>>;
  /** The schema of what the batch variants of triggers add to their input. */
  readonly batch: Data;
  /** The schemas of the settings of fetched sources, without their secrets, by type. */
  readonly sources: Readonly<Record<string, Data>>;
  /** The fields of actions, by names in the actions: several actions share them. */
  readonly fields: Readonly<Record<string, readonly Data[]>>;
  /** The shared parts of schemas, by the names in `$ref`. */
  readonly schemas: Readonly<Record<string, Data>>;
};

/** Creates the data of the runtime. */
export function runTimeData(definition: ConnectorDefinition): RunTimeData {
  const { resources, actions, triggers, connection } = definition;
  const pool = createSchemaPool();
  const fields = createFieldLists();
  return {
    connection: pool.whole(objectOf(connectionFields(definition))),
    auth: Object.fromEntries(
      connection.auth.methods.map(({ type, fields: own }) => [type, pool.whole(objectOf(own))]),
    ),
    profiles: Object.fromEntries([
      // What the overlay of a package says, if anything, applies whatever the method.
      [otherProvider, profileData(definition.profile)],
      ...profiles.map((profile) => [
        profile.name,
        { ...methodsData(definition, profile), ...profileData(profile) },
      ]),
    ]),
    headers: { reserved: [...reservedHeaders] },
    resources: mapValues(resources, resourceData),
    actions: Object.fromEntries(
      actions.map((action) => [
        action.key,
        { ...actionData(action, fields), input: pool.share(action.input) },
      ]),
    ),
    triggers: Object.fromEntries(
      triggers.map((trigger) => [trigger.key, { ...triggerData(trigger), input: pool.share(trigger.input) }]),
    ),
    batch: pool.whole(objectOf([batchSizeField])),
    sources: Object.fromEntries(
      fetchedSources(definition).map(({ type, fields: own }) => [
        type,
        pool.whole(objectOf([...own.filter(({ secret }) => !secret), ...safeguardFields(definition)])),
      ]),
    ),
    fields: fields.all,
    schemas: pool.shared(),
  };
}

/** What is stated of a provider in advance. */
function profileData(profile: Profile | undefined): Data {
  const { lists, changes, polls } = presetOf(profile?.traits.map(({ name }) => name) ?? []);
  // Nothing is logged in Workato.
  const { noted: _, ...listHabits } = lists;
  const { requestsPerMinute } = connectionDefaults(profile);
  return {
    defaults: { requestsPerMinute },
    preset: {
      lists: listHabits,
      changes,
      polls,
      ...(profile?.traits.some(({ name }) => name === 'deactivate-deletes') && { deletesInactive: true }),
    },
  };
}

/** The methods of a provider, and the words for a connection with another one. */
function methodsData(definition: ConnectorDefinition, { provider, auth }: Profile): Data {
  return {
    provider,
    auth: auth.map(({ type }) => type),
    methods: methodTitles(definition, auth).join(' or '),
  };
}

interface FieldLists {
  nameOf(list: readonly Data[]): string;
  readonly all: Record<string, readonly Data[]>;
}

function createFieldLists(): FieldLists {
  const names = new Map<string, string>();
  const all: Record<string, readonly Data[]> = {};
  return {
    all,
    nameOf(list) {
      const content = JSON.stringify(list);
      const name = names.get(content) ?? `f${names.size + 1}`;
      names.set(content, name);
      all[name] = list;
      return name;
    },
  };
}

function actionData({ operation, takesResource, fields, dryRun }: ActionDefinition, lists: FieldLists): Data {
  return {
    operation,
    ...(takesResource && { takesResource }),
    ...(dryRun !== undefined && { changes: true }),
    fields: lists.nameOf(fields.filter(isNeeded).map(fieldData)),
  };
}

function triggerData({ description, detect, fields }: TriggerDefinition): Data {
  const isUsed = ({ kind, default: preset }: Field): boolean =>
    kind === 'reference' || typeof preset === 'number';
  return {
    description,
    detect,
    fields: fields.filter(isUsed).map(fieldData),
    settings: fields.filter(isSetting).map(({ key }) => key),
  };
}

/** Whether a trigger without this field is no less safe, and reports no other events. */
function isSetting({ kind, default: preset, safeguard }: Field): boolean {
  return preset !== undefined || kind === 'integer' || safeguard;
}

function isNeeded({ attribute, default: preset, kind }: Field): boolean {
  return attribute !== undefined || preset !== undefined || kind === 'reference' || kind === 'references';
}

function fieldData({ key, attribute, default: preset, kind, resource, fields = [] }: Field): Data {
  const isList = kind === 'references' || kind === 'objects';
  return {
    key,
    attribute,
    default: preset,
    ...((kind === 'reference' || kind === 'references') && { kind, resource }),
    // Whether the items of a list name resources.
    ...(isList &&
      (resource !== undefined || fields.some(({ identifies }) => identifies)) && { identifies: true }),
  };
}

function resourceData(resource: ResourceDefinition): Data {
  const { name, title, endpoint, schema, extensions, attributes, extensionAttributes, output } = resource;
  return {
    name,
    title,
    endpoint,
    schema,
    extensions,
    extensionTitles: extensions.map((id) => output.properties?.[id]?.title ?? id),
    reference: resource.reference.key,
    lookupKeys: resource.lookupKeys.map(({ key, attributes: names }) => ({ key, attributes: names })),
    uniqueKeys: resource.uniqueKeys,
    roles: resource.roles,
    retainedAttributes: resource.retainedAttributes,
    // The form names of attributes that differ from SCIM's.
    paths: Object.fromEntries(
      resource.fields.flatMap(({ key, attribute }) =>
        attribute === undefined || attribute === key ? [] : [[key, attribute]],
      ),
    ),
    fieldKeys: resource.fields.map(({ key }) => key),
    columnNames: attributeNames(resource),
    attributes: attributes.map((attribute) => attributeData(attribute)),
    extensionAttributes: mapValues(extensionAttributes, (own) =>
      own.map((attribute) => attributeData(attribute)),
    ),
  };
}

/** An attribute without defaults (RFC 7643 §2.2). Only attributes that can be set need a hint. */
function attributeData(attribute: ScimAttribute, isHinted = false): Data {
  const { name, title, type, multiValued, caseExact, mutability, returned, subAttributes, ...rest } =
    attribute;
  const isGiven = mutability !== 'readOnly';
  return {
    name,
    ...(title !== humanize(name) && { title }),
    type,
    ...(isHinted && isGiven && { description: rest.description }),
    ...(multiValued === true && { multiValued }),
    ...(caseExact === true && { caseExact }),
    ...(rest.required === true && { required: true }),
    ...(rest.uniqueness !== undefined && rest.uniqueness !== 'none' && { unique: true }),
    ...(mutability === 'readOnly' && { mutability }),
    ...(returned === 'never' && { returned }),
    ...(rest.canonicalValues !== undefined && { canonicalValues: rest.canonicalValues }),
    ...(subAttributes !== undefined && {
      subAttributes: subAttributes.map((sub) => attributeData(sub, isGiven)),
    }),
  };
}
