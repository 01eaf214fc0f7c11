import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';

/** Values of the named types, from the samples of the manifest, by the name of the type. */
export function collectSamples({
  resources,
  actions,
  triggers,
  sources,
  connection,
}: ConnectorDefinition): ReadonlyMap<string, unknown> {
  const samples = new Map<string, unknown>();
  for (const { output, sample } of Object.values(resources)) visit(output, sample, samples);
  for (const { input, sampleInput, output, sample, dryRun } of actions) {
    visit(input, sampleInput, samples);
    visit(output, sample, samples);
    if (dryRun !== undefined) visit(dryRun.output, dryRun.sample, samples);
  }
  for (const { input, sampleInput, output, sample } of triggers) {
    visit(input, sampleInput, samples);
    visit(output, sample, samples);
  }
  for (const { settings, sampleInput } of sources) visit(settings, sampleInput, samples);
  for (const { type, fields, schema } of connection.auth.methods) {
    const usual = fields.filter(({ advanced }) => !advanced);
    visit(schema, { type, ...Object.fromEntries(usual.map(({ key, sample }) => [key, sample])) }, samples);
  }
  return samples;
}

/** A value of a named type: from the samples of the manifest, or else composed. */
export function sampleOf(name: string, schema: JsonSchema, samples: ReadonlyMap<string, unknown>): unknown {
  const { properties = {} } = schema;
  const returned = samples.get(name.replace(/Input$/, ''));
  const given = isRecord(returned) ? Object.entries(returned).filter(([key]) => key in properties) : [];
  return samples.get(name) ?? (given.length > 0 ? Object.fromEntries(given) : (composeSample(schema) ?? {}));
}

/** Values of strings that have no example in their schema. */
const fallbacks: Readonly<Record<string, string>> = {
  id: '2819c223-7f76-453a-919d-413861904646',
  value: '2819c223-7f76-453a-919d-413861904646',
  displayName: 'Ada Lovelace',
  code: 'conflict',
  message: 'The username is taken. Choose another one.',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:User',
};

/** A valid value of a schema, composed of its examples. */
function composeSample(schema: JsonSchema): unknown {
  const { type, enum: values, examples, items, properties, oneOf, required = [] } = schema;
  const [example = values?.[0] ?? schema.default] = examples ?? [];
  if (example !== undefined) return example;
  if (oneOf?.[0] !== undefined) return composeSample(oneOf[0]);
  if (properties !== undefined) {
    const composed = Object.entries(properties).map(
      ([key, one]) =>
        [key, composeSample(one) ?? (one.type === 'string' ? fallbacks[key] : undefined)] as const,
    );
    const known = composed.filter(([key, value]) => value !== undefined || required.includes(key));
    return known.length === 0 ? undefined : Object.fromEntries(known);
  }
  if (items !== undefined) {
    const item = composeSample(items);
    return item === undefined ? undefined : [item];
  }
  return type === 'boolean' ? true : type === 'integer' || type === 'number' ? 100 : undefined;
}

/** A TSDoc example that declares a value of a type. */
export function exampleOf(name: string, value: unknown): string {
  const variable = name.charAt(0).toLowerCase() + name.slice(1);
  return `@example\n\`\`\`ts\nconst ${variable}: ${name} = ${literal(value, '', name.length + variable.length + 10)};\n\`\`\``;
}

function visit(schema: JsonSchema, sample: unknown, samples: Map<string, unknown>): void {
  if (sample === undefined || sample === null) return;
  const { 'x-name': name, properties = {}, items } = schema;
  if (name !== undefined && !samples.has(name) && !isEmpty(sample)) samples.set(name, sample);
  if (Array.isArray(sample)) for (const item of sample) visit(items ?? {}, item, samples);
  else if (isRecord(sample))
    for (const [key, one] of Object.entries(properties)) visit(one, sample[key], samples);
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

const widest = 100;

/** A value as TypeScript spells it, on one line where it fits. */
function literal(value: unknown, indent: string, columnsBefore: number): string {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => literal(item, inner, inner.length))
    : Object.entries(value).map(([key, item]) => {
        const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key}'`;
        return `${name}: ${literal(item, inner, inner.length + name.length + 3)}`;
      });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return open + close;
  const space = Array.isArray(value) ? '' : ' ';
  const line = `${open}${space}${parts.join(', ')}${space}${close}`;
  return line.includes('\n') || columnsBefore + line.length > widest
    ? `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`
    : line;
}
