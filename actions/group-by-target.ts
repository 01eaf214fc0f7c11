import type { ActionDefinition, ConnectorDefinition } from '../connector/definition/definition.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { Input } from './operation.ts';

/**
 * Puts inputs of one action, by their places in a list, into turns that may run at once. Those that name the same
 * resource are in one turn, to be run one after the other, so that the last of them has the last word; and so are all
 * that name one, where some name it by its ID and others by its user name: two may mean the same.
 */
export function groupByTarget(
  { resources }: ConnectorDefinition,
  { operation }: ActionDefinition,
  inputs: ReadonlyMap<number, Input>,
): readonly (readonly number[])[] {
  const resource = 'resource' in operation ? resources[operation.resource] : undefined;
  const names = resource === undefined ? [] : [resource.reference.key, ...resource.uniqueKeys];
  const nameOf = (input: Input): string | undefined => names.find((name) => input[name] !== undefined);
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

/** A reference is an object that has one way of naming; all else is named by its field. */
function wayOf(input: Input, name: string | undefined): string | undefined {
  const value = name === undefined ? undefined : input[name];
  return isRecord(value) ? `${name}.${Object.keys(value).join()}` : name;
}
