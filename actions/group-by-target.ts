import type { ActionDefinition, ConnectorDefinition } from '../connector/definition/definition.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { Input } from './operation.ts';

/**
 * Groups inputs of one action, by their index, into groups that can run concurrently. Inputs for the same
 * resource are in one group, to be run in order, so that the last one wins. So are all inputs
 * with a reference if some use the ID and others the username: two can mean the same resource.
 */
export function groupByTarget(
  { resources }: ConnectorDefinition,
  { operation }: ActionDefinition,
  inputs: ReadonlyMap<number, Input>,
): readonly (readonly number[])[] {
  const resource = 'resource' in operation ? resources[operation.resource] : undefined;
  const names = resource === undefined ? [] : [resource.reference.key, ...resource.uniqueKeys];
  const nameOf = ({ matchBy, ...input }: Input): string | undefined =>
    typeof matchBy === 'string' && input[matchBy] !== undefined
      ? matchBy
      : names.find((name) => input[name] !== undefined);
  const ways = new Set([...inputs.values()].map((input) => wayOf(input, nameOf(input))));
  ways.delete(undefined);
  const turns = new Map<string, number[]>();
  for (const [place, input] of inputs) {
    const name = nameOf(input);
    const named = ways.size > 1 ? 'anybody' : JSON.stringify(input[name ?? ''] ?? null).toLowerCase();
    const subject = name === undefined ? `place ${place}` : named;
    const turn = turns.get(subject);
    if (turn === undefined) turns.set(subject, [place]);
    else turn.push(place);
  }
  return [...turns.values()];
}

/** A reference is an object with one key; every other value is identified by its field. */
function wayOf(input: Input, name: string | undefined): string | undefined {
  const value = name === undefined ? undefined : input[name];
  return isRecord(value) ? `${name}.${Object.keys(value).join()}` : name;
}
