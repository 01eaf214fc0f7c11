import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { ScimAttribute, ScimSchema } from '../../schemas/scim-schema.ts';
import { attributesToProperties } from '../../schemas/to-json-schema.ts';
import { findAttribute } from '../../scim/path.ts';
import { modelOf, type ResourceModel, type ResourceSchema } from '../../scim/schema/resource-model.ts';
import type { InputProblem } from '../errors.ts';
import type { ManifestBundle } from '../manifest/apply-overlay.ts';
import type {
  ActionDeclaration,
  FieldDeclaration,
  FieldEntry,
  Operation,
  ResourceDeclaration,
  SourceDeclaration,
  TriggerDeclaration,
} from '../manifest/manifest.zod.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { addTitles } from './add-titles.ts';
import { defineField, nullableField } from './define-field.ts';
import type {
  ActionDefinition,
  ConnectorDefinition,
  Detection,
  Field,
  ResourceDefinition,
  SourceDefinition,
  TriggerDefinition,
} from './definition.ts';
import { eventSample, eventSchema } from './events.ts';
import { objectOf } from './object-of.ts';
import { outputOf, sampleOf } from './outputs.ts';
import { referenceField } from './reference-field.ts';
import { templateProblems } from './template-problems.ts';

/** The URI of the common attributes in schemas/scim/Common.json. */
const commonSchema = 'urn:rolecall:scim:common-attributes';

/**
 * Resolves every reference in a manifest: field sets, the fields of resources, pick-lists, the attributes in the SCIM
 * schemas. The result is complete: handlers and hosts need no lookups.
 *
 * @throws ManifestError with every unresolved reference.
 */
export function compileManifest(declaration: ManifestBundle, source = 'manifest.json'): ConnectorDefinition {
  const workshop = new ManifestCompiler(declaration);
  const definition = workshop.connector();
  if (workshop.problems.length > 0) throw new ManifestError(source, workshop.problems);
  return definition;
}

class ManifestCompiler {
  readonly problems: InputProblem[] = [];
  readonly #manifest: ManifestBundle['manifest'];
  readonly #schemas: ReadonlyMap<string, ScimSchema>;
  #resources: Readonly<Record<string, ResourceDefinition>> = {};

  constructor({ manifest, schemas }: ManifestBundle) {
    this.#manifest = manifest;
    this.#schemas = new Map(addTitles(schemas, manifest).map((schema) => [schema.id, schema]));
  }

  connector(): ConnectorDefinition {
    const { name, title, description, connection, resources, actions, triggers, sources } = this.#manifest;
    this.#resources = Object.fromEntries(
      Object.entries(resources).map(([key, resource]) => [key, this.#resource(key, resource)]),
    );
    // Actions and triggers share one list of keys on the command line.
    this.#assertUnique(
      'actions and triggers',
      [...actions, ...triggers].map(({ key }) => key),
    );
    this.#assertUnique(
      'sources',
      sources.map(({ type }) => type),
    );
    const connectionFields = connection.fields.map((field) =>
      this.#field(field, 'connection.fields', undefined),
    );
    return Object.freeze({
      name,
      title,
      description,
      connection: { fields: connectionFields, schema: objectOf(connectionFields) },
      resources: this.#resources,
      actions: actions.map((action) => Object.freeze(this.#action(action))),
      triggers: triggers.map((trigger) => Object.freeze(this.#trigger(trigger))),
      sources: sources.map((source) => Object.freeze(this.#source(source))),
    });
  }

  #resource(name: string, declared: ResourceDeclaration): ResourceDefinition {
    const path = `resources.${name}`;
    const common = (this.#schema(commonSchema, path)?.attributes ?? []).map((attribute) =>
      attribute.name === 'id' ? { ...attribute, title: `${declared.title} ID` } : attribute,
    );
    const own = this.#schema(declared.schema, `${path}.schema`)?.attributes ?? [];
    const extensions = declared.extensions.flatMap((id) => this.#schema(id, `${path}.extensions`) ?? []);
    const attributes = [...common, ...own];
    const schema: ResourceSchema = {
      name,
      schema: declared.schema,
      extensions: declared.extensions,
      attributes,
      extensionAttributes: Object.fromEntries(extensions.map(({ id, attributes: own }) => [id, own])),
    };
    const model = modelOf(schema);
    const reference = referenceField(name, declared);
    const output: JsonSchema = {
      type: 'object',
      'x-name': name,
      properties: {
        ...this.#received(attributes, name),
        ...Object.fromEntries(
          extensions.map((extension) => [extension.id, extensionObject(extension, 'received')]),
        ),
      },
      required: ['id'],
    };
    return {
      ...schema,
      title: declared.title,
      endpoint: declared.endpoint,
      reference,
      lookupKeys: declared.reference.lookupKeys.map(({ key, attributes: names }) => ({
        key,
        attributes: names,
      })),
      uniqueKeys: declared.uniqueKeys,
      roles: this.#paths(declared.roles ?? [], `${path}.roles`, [model]),
      retainedAttributes: this.#paths(
        [...new Set([...(declared.retainedAttributes ?? []), ...(declared.roles ?? [])])],
        `${path}.retainedAttributes`,
        [model],
      ),
      fields: declared.fields.map((field) => this.#field(field, `${path}.fields`, model)),
      output,
      sample: declared.sample,
    };
  }

  #action(declared: ActionDeclaration): ActionDefinition {
    const { key, title, group, description, idempotent, operation, sampleInput, sample } = declared;
    const { effect = isReadOnly(operation) ? 'read' : 'destructive' } = declared;
    const path = `actions.${key}`;
    const resource = this.#resourceOf(operation, path);
    const reference = resource !== undefined && takesReference(operation) ? [resource.reference] : [];
    const fields = this.#fields(declared.fields, path, resource, reference);
    if (resource !== undefined)
      this.problems.push(...templateProblems(operation, fields, modelOf(resource), path));
    return {
      key,
      title,
      group,
      description,
      effect,
      idempotent,
      operation,
      takesResource: takesResource(operation),
      fields,
      input: {
        ...this.#input(operation, fields, resource),
        'x-name': typeName(key, 'Input'),
        title,
        description,
      },
      output: outputOf(operation, resource),
      nullable: operation.type === 'read' && operation.onMissing === 'null',
      sampleInput,
      sample: sample ?? sampleOf(operation, resource),
    };
  }

  #trigger(declared: TriggerDeclaration): TriggerDefinition {
    const { key, title, nounTitle = title, group, description, detect, sampleInput, sample } = declared;
    const path = `triggers.${key}`;
    const resources = detect.resources.flatMap((name) => {
      const resource = this.#resources[name];
      if (resource === undefined) this.#missing(path, `resource "${name}"`, Object.keys(this.#resources));
      return resource ?? [];
    });
    const source = resources[0] && modelOf(resources[0]);
    const fields = this.#fields(declared.fields, path, resources[0]);
    const sources = resources.map(modelOf);
    for (const change of sample.changes) this.#paths([change.path], `${path}.sample`, source ? [source] : []);
    return {
      key,
      title,
      nounTitle,
      group,
      description,
      detect: this.#detection(detect, resources, `${path}.detect`, sources),
      fields,
      input: { ...objectOf(fields), 'x-name': typeName(key, 'Input'), title, description },
      output: eventSchema(resources),
      sampleInput,
      sample: resources[0] && eventSample(resources[0], sample),
    };
  }

  #detection(
    { resources: names, types, changed, except }: TriggerDeclaration['detect'],
    resources: readonly ResourceDefinition[],
    path: string,
    sources: readonly ResourceModel[],
  ): Detection {
    const paths = changed === 'roles' ? resources.flatMap(({ roles }) => roles) : changed;
    if (changed === 'roles' && paths?.length === 0)
      this.problems.push({ path, message: 'no resource of it has "roles": name the paths, or add them' });
    return {
      resources: names,
      types,
      ...(paths !== undefined && { changed: this.#paths(paths, `${path}.changed`, sources) }),
      ...(except !== undefined && { except: this.#paths(except, `${path}.except`, sources) }),
    };
  }

  #source(declared: SourceDeclaration): SourceDefinition {
    const { type, title, description, sampleInput, subscription } = declared;
    const fields = this.#fields(declared.fields, `sources.${type}`, undefined);
    return {
      type,
      title,
      description,
      fields,
      settings: { ...objectOf(fields), 'x-name': typeName(type, 'Settings'), title, description },
      sampleInput,
      ...(subscription !== undefined && { subscription: this.#subscription(type, subscription, fields) }),
    };
  }

  #subscription(
    type: string,
    declared: NonNullable<SourceDeclaration['subscription']>,
    settings: readonly Field[],
  ): NonNullable<SourceDefinition['subscription']> {
    const all = this.#fields(declared.fields, `sources.${type}.subscription`, undefined, settings);
    return { fields: all.slice(settings.length), settings: objectOf(all) };
  }

  #fields(
    entries: readonly FieldEntry[],
    path: string,
    resource: ResourceDefinition | undefined,
    before: readonly Field[] = [],
  ): readonly Field[] {
    const fields = [
      ...before,
      ...entries.flatMap((entry, index) => this.#entry(entry, `${path}.fields[${index}]`, resource)),
    ];
    this.#assertUnique(
      `${path}.fields`,
      fields.map((field) => field.key),
    );
    return fields;
  }

  /** The same paths, each verified to be an attribute of one of the sources. */
  #paths(paths: readonly string[], where: string, sources: readonly ResourceModel[]): readonly string[] {
    for (const path of paths) {
      if (!sources.some((source) => findAttribute(source, path) !== undefined)) {
        const names = sources.map(({ name }) => name).join(' and ') || 'any resource';
        this.problems.push({
          path: where,
          message: `there is no attribute "${path}" in the schemas of ${names}: add its schema, or correct the path`,
        });
      }
    }
    return paths;
  }

  /** The form's fields, and, if the input is a whole resource, also SCIM's own format of its extensions. */
  #input(
    operation: Operation,
    fields: readonly Field[],
    resource: ResourceDefinition | undefined,
  ): JsonSchema {
    const schema = objectOf(isTemplate(operation) ? fields : fields.map(withoutDefault));
    if (resource === undefined || !takesResource(operation)) return schema;
    const extensions = resource.extensions.flatMap((id) => this.#schemas.get(id) ?? []);
    return {
      ...schema,
      properties: {
        ...schema.properties,
        ...Object.fromEntries(
          extensions.map((extension) => [extension.id, extensionObject(extension, 'sent')]),
        ),
        // So that a resource that was read can be passed back unchanged.
        ...(operation.type === 'replace' && this.#received(readOnly(resource.attributes), resource.name)),
      },
    };
  }

  #entry(entry: FieldEntry, path: string, resource: ResourceDefinition | undefined): readonly Field[] {
    if ('use' in entry) {
      const set = this.#manifest.fieldSets[entry.use];
      if (set === undefined)
        this.#missing(path, `field set "${entry.use}"`, Object.keys(this.#manifest.fieldSets));
      return (set ?? []).map((field) => this.#field(field, path, resource && modelOf(resource)));
    }
    if ('fieldsOf' in entry) {
      const { fieldsOf, only, omit = [], required = [], nullable = false, advanced } = entry;
      const from = this.#resources[fieldsOf];
      if (from === undefined) this.#missing(path, `resource "${fieldsOf}"`, Object.keys(this.#resources));
      const fields = from?.fields ?? [];
      for (const name of [...(only ?? []), ...omit, ...required]) {
        if (!fields.some(({ key }) => key === name))
          this.#missing(
            path,
            `field "${name}" of ${fieldsOf}`,
            fields.map(({ key }) => key),
          );
      }
      return fields
        .filter(({ key }) => (only === undefined || only.includes(key)) && !omit.includes(key))
        .map((field) =>
          nullable && from !== undefined && !this.#isRequired(from, field) ? nullableField(field) : field,
        )
        .map((field) => ({
          ...field,
          required: required.includes(field.key),
          advanced: advanced ?? field.advanced,
        }));
    }
    return [this.#field(entry, path, resource && modelOf(resource))];
  }

  #field(declared: FieldDeclaration, path: string, source: ResourceModel | undefined): Field {
    const { attribute: name, pickList, resource, key, type } = declared;
    const where = `${path} "${key ?? name ?? declared.title}"`;
    if (key === undefined && name === undefined)
      this.problems.push({ path: where, message: 'needs a key or an attribute' });
    const attribute =
      name === undefined || source === undefined ? undefined : findAttribute(source, name)?.definition;
    if (name !== undefined && attribute === undefined) {
      this.problems.push({
        path: where,
        message: `there is no attribute "${name}" in the schemas of ${source?.name ?? 'any resource'}: add its schema, or correct the path`,
      });
    }
    if (name === undefined && type === undefined)
      this.problems.push({ path: where, message: 'needs an attribute or a type' });
    const options = pickList === undefined ? undefined : this.#manifest.pickLists[pickList];
    if (pickList !== undefined && options === undefined)
      this.#missing(where, `pick-list "${pickList}"`, Object.keys(this.#manifest.pickLists));
    const reference = resource === undefined ? undefined : this.#resources[resource]?.reference;
    if (resource !== undefined && reference === undefined)
      this.#missing(where, `resource "${resource}"`, Object.keys(this.#resources));
    return defineField(declared, {
      attribute,
      pickList: options,
      reference,
      ...(source && { namePrefix: source.name }),
    });
  }

  /** The schema of these attributes in responses. The types of common attributes are shared. */
  #received(attributes: readonly ScimAttribute[], name: string): Record<string, JsonSchema> {
    const common = this.#schemas.get(commonSchema)?.attributes ?? [];
    return Object.assign(
      {},
      ...attributes.map((attribute) =>
        attributesToProperties([attribute], {
          direction: 'received',
          namePrefix: common.includes(attribute) ? 'Resource' : name,
        }),
      ),
    );
  }

  #resourceOf(operation: Operation, path: string): ResourceDefinition | undefined {
    if (!('resource' in operation)) {
      const unknown = operation.type === 'bulk' ? operation.actions : [];
      for (const key of unknown) {
        if (!this.#manifest.actions.some((action) => action.key === key))
          this.#missing(
            path,
            `action "${key}"`,
            this.#manifest.actions.map((action) => action.key),
          );
      }
      return undefined;
    }
    const resource = this.#resources[operation.resource];
    if (resource === undefined)
      this.#missing(path, `resource "${operation.resource}"`, Object.keys(this.#resources));
    return resource;
  }

  #isRequired(resource: ResourceDefinition, { attribute = '' }: Field): boolean {
    return findAttribute(modelOf(resource), attribute)?.required === true;
  }

  #schema(id: string, path: string): ScimSchema | undefined {
    const schema = this.#schemas.get(id);
    if (schema === undefined) this.#missing(path, `schema "${id}"`, [...this.#schemas.keys()]);
    return schema;
  }

  #missing(path: string, what: string, known: readonly string[]): void {
    this.problems.push({ path, message: `there is no ${what}: there is ${known.join(', ') || 'none'}` });
  }

  #assertUnique(path: string, keys: readonly string[]): void {
    const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
    for (const key of new Set(twice))
      this.problems.push({ path, message: `"${key}" is declared twice: rename one` });
  }
}

function extensionObject(extension: ScimSchema, direction: 'sent' | 'received'): JsonSchema {
  const name = extension.name ?? extension.id;
  return {
    type: 'object',
    ...(extension.title !== undefined && { title: extension.title }),
    ...(extension.description !== undefined && { description: extension.description }),
    'x-name': direction === 'sent' ? `${name}Input` : name,
    properties: attributesToProperties(extension.attributes, { direction, namePrefix: name }),
    ...(direction === 'sent' && { additionalProperties: false }),
  };
}

function isTemplate(operation: Operation): boolean {
  return operation.type === 'patch' && operation.operations !== 'given';
}

/** A default of an attribute is for forms: an omitted attribute is neither set nor searched for. */
function withoutDefault(field: Field): Field {
  const { default: _, ...schema } = field.schema;
  return field.attribute === undefined ? field : { ...field, schema };
}

function isReadOnly({ type }: Operation): boolean {
  return type === 'read' || type === 'search' || type === 'discover';
}

function takesReference({ type }: Operation): boolean {
  return type === 'read' || type === 'patch' || type === 'replace' || type === 'delete' || type === 'members';
}

function takesResource(operation: Operation): boolean {
  return (
    operation.type === 'create' ||
    operation.type === 'replace' ||
    (operation.type === 'patch' && operation.operations === 'given')
  );
}

function readOnly(attributes: readonly ScimAttribute[]): readonly ScimAttribute[] {
  return attributes.filter(({ name, mutability }) => mutability === 'readOnly' || name === 'schemas');
}

/** `create_user` → `CreateUserInput`. */
function typeName(key: string, suffix: string): string {
  return key.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase()) + suffix;
}
