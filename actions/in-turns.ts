import type { ActionDefinition, ConnectorDefinition } from '../connector/definition/definition.ts';
import type { Input } from './operation.ts';

/**
 * Puts inputs of one action, by their places in a list, into turns that may run at once. Those that name the same
 * resource are in one turn, to be run one after the other, so that the last of them has the last word.
 */
export function inTurns(
  { resources }: ConnectorDefinition,
  { operation }: ActionDefinition,
  inputs: ReadonlyMap<number, Input>,
): readonly (readonly number[])[] {
  const resource = 'resource' in operation ? resources[operation.resource] : undefined;
  const names = resource === undefined ? [] : [resource.reference.key, ...resource.identifiedBy];
  const turns = new Map<string, number[]>();
  for (const [place, input] of inputs) {
    const name = names.find((candidate) => input[candidate] !== undefined);
    const subject = name === undefined ? `place ${place}` : JSON.stringify(input[name]).toLowerCase();
    const turn = turns.get(subject);
    if (turn === undefined) turns.set(subject, [place]);
    else turn.push(place);
  }
  return [...turns.values()];
}
