import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';

type Json = Readonly<Record<string, unknown>>;

/** A place for the ID of a resource that the form names in another way, such as by its username. */
export class NamedResource {
  readonly resource: string;
  readonly reference: Json;

  constructor(resource: string, reference: Json) {
    this.resource = resource;
    this.reference = reference;
  }
}

/** Runs an action, and returns its output. */
type RunAction = (key: string, input: Json) => Promise<unknown>;

/** Creates the function that puts IDs in place of the names in an input. Each resource is read once. @throws ConnectorError */
export function createIdResolver(
  { actions, resources }: ConnectorDefinition,
  run: RunAction,
): (input: Json) => Promise<Json> {
  const found = new Map<string, Promise<unknown>>();
  const find = ({ resource, reference }: NamedResource): Promise<unknown> => {
    const key = JSON.stringify([resource, reference]);
    const known = found.get(key);
    if (known !== undefined) return known;
    const id = readId(resource, reference);
    found.set(key, id);
    return id;
  };
  const readId = async (resource: string, reference: Json): Promise<unknown> => {
    const read = actions.find(
      ({ operation, nullable }) => operation.type === 'read' && operation.resource === resource && !nullable,
    );
    const field = resources[resource]?.reference.key;
    if (read === undefined || field === undefined) throw new TypeError(`Nothing reads a ${resource}`);
    const output = await run(read.key, { [field]: reference });
    return isRecord(output) ? output.id : undefined;
  };
  const resolve = async (value: unknown): Promise<unknown> => {
    if (value instanceof NamedResource) return find(value);
    if (Array.isArray(value)) return Promise.all(value.map(resolve));
    return isRecord(value) ? resolveEntries(value) : value;
  };
  const resolveEntries = async (values: Json): Promise<Json> => {
    const entries = Object.entries(values).map(async ([key, value]) => [key, await resolve(value)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  return (input) => (hasName(input) ? resolveEntries(input) : Promise.resolve(input));
}

function hasName(value: unknown): boolean {
  if (value instanceof NamedResource) return true;
  const parts = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return parts.some(hasName);
}
