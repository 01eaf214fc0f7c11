import type {
  ConnectorDefinition,
  ResourceDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';
import { fieldNames, withFieldNames } from './field-names.ts';
import { printBody } from './lambdas.ts';
import { code, printRuby, printText, type RubyCode, type RubyValue } from './ruby.ts';

/** The resource that a sample shows. */
export function resourceOfSample(
  value: unknown,
  resources: readonly ResourceDefinition[],
): ResourceDefinition | undefined {
  return isRecord(value) ? resources.find(({ sample }) => sample.id === value.id) : undefined;
}

/** A sample, with the samples of resources in it by reference: `call('sample_of', 'User')`. */
export function sampleValue(sample: unknown, { resources }: ConnectorDefinition): RubyValue {
  const known = Object.values(resources);
  const visit = (value: unknown): RubyValue => {
    const resource = resourceOfSample(value, known);
    if (isRecord(value) && resource !== undefined) return variation(value, resource) ?? mapped(value);
    return Array.isArray(value) ? value.map(visit) : isRecord(value) ? mapped(value) : (value as RubyValue);
  };
  const mapped = (value: Readonly<Record<string, unknown>>): RubyValue => {
    const names = fieldNames(Object.keys(value));
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [names.get(name), visit(item)]));
  };
  return visit(sample);
}

/**
 * The sample of a trigger's event, created by the runtime: `call('sample_event', …)`. Or of a batch with one event. A
 * trigger for several resource types has only the datapills that all of them have.
 */
export function eventSample(
  { sample, output }: Pick<TriggerDefinition, 'sample' | 'output'>,
  definition: ConnectorDefinition,
  method: 'sample_event' | 'sample_batch' = 'sample_event',
): RubyCode {
  const { type, resource, changes, data } = sample as unknown as Readonly<Record<string, unknown>>;
  const given = [resource, type, changes, declared(data, output.properties?.data)].map((value) =>
    printBody(sampleValue(value, definition), 0, 2),
  );
  const call = given.join(', ');
  return code(
    call.length <= 80 ? `call('${method}', ${call})` : `call(\n  '${method}',\n  ${given.join(',\n  ')}\n)`,
  );
}

function declared(data: unknown, { properties = {} }: JsonSchema = {}): unknown {
  if (!isRecord(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([name]) => Object.hasOwn(properties, name)));
}

/** The sample of a resource, with the differences; undefined if the sample lacks an attribute. */
function variation(
  value: Readonly<Record<string, unknown>>,
  { name, sample }: ResourceDefinition,
): RubyValue | undefined {
  if (Object.keys(sample).some((key) => !(key in value))) return undefined;
  const others = Object.entries(value).filter(
    ([key, item]) => JSON.stringify(item) !== JSON.stringify(sample[key]),
  );
  const call = `call('sample_of', ${printText(name)})`;
  if (others.length === 0) return code(call);
  const merged = withFieldNames(Object.fromEntries(others)) as RubyValue;
  return code(`${call}.merge(${printRuby(merged)})`);
}
