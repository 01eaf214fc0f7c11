import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { findByValue } from '../../connector/provider/find-by-value.ts';
import { readWithId } from '../../connector/provider/look-up.ts';
import { resourcePath } from '../../connector/provider/resource-path.ts';
import type { Resource } from '../../connector/resource.ts';
import { foldCase } from '../../scim/fold-case.ts';
import { jsonPathOf, valuesAt } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import type { ActionContext } from '../operation.ts';
import { hidesMembers } from '../shown-members.ts';

/** What the provider has for an ID. */
export type Found =
  | { readonly kind: 'resource'; readonly resource: Resource }
  | { readonly kind: 'absent'; readonly error: ConnectorError }
  | { readonly kind: 'unreadable'; readonly error: ConnectorError };

/** A value that only one resource can have. */
export interface UniqueValue {
  readonly path: string;
  readonly value: string;
}

/** Who has a unique value: the ID, undefined if nobody does, or the error if it cannot be found out. */
export type Owner = { readonly id: string | undefined } | { readonly error: ConnectorError };

/** What the provider has before the run, as far as predictions depend on it. Each part is read once. */
export class CurrentState {
  readonly #context: ActionContext;
  readonly #found = new Map<string, Found>();
  readonly #owners = new Map<string, Owner>();

  /** @param context - whose requests are sent */
  constructor(context: ActionContext) {
    this.#context = context;
  }

  /** Reads a resource, unless it is known. @throws ConnectorError if the provider cannot be asked */
  async load(definition: ResourceDefinition, id: string): Promise<void> {
    const key = keyOf(definition, id);
    if (!this.#found.has(key)) this.#found.set(key, await this.#read(definition, id));
  }

  /** Reads who has the unique values of a new resource, unless it is known. @throws ConnectorError */
  async loadOwners(definition: ResourceDefinition, values: readonly UniqueValue[]): Promise<void> {
    for (const value of values) {
      const key = ownerKey(definition, value);
      if (!this.#owners.has(key)) this.#owners.set(key, await this.#findOwner(definition, value));
    }
  }

  /** What was loaded. */
  found(definition: ResourceDefinition, id: string): Found | undefined {
    return this.#found.get(keyOf(definition, id));
  }

  /** The owner that was loaded. */
  owner(definition: ResourceDefinition, value: UniqueValue): Owner | undefined {
    return this.#owners.get(ownerKey(definition, value));
  }

  /** Whether the provider does not show the members of a group, or of any group for one that is new. */
  async hidesMembers(definition: ResourceDefinition, id?: string): Promise<boolean> {
    const found = id === undefined ? undefined : this.found(definition, id);
    if (found !== undefined && found.kind !== 'resource') return false;
    return hidesMembers(this.#context, definition, found?.resource ?? { id: '' });
  }

  async #read(definition: ResourceDefinition, id: string): Promise<Found> {
    const { client, signal } = this.#context;
    const path = resourcePath(definition, id);
    try {
      const { body } = await client.send({ method: 'GET', path, signal, maxAttemptsOn500: 1 });
      return { kind: 'resource', resource: readWithId(this.#context.reader(definition, signal), body, id) };
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'not_found') return { kind: 'absent', error };
      // A provider may reject reads of some users, and still change them.
      if (isRejection(error)) return { kind: 'unreadable', error };
      throw error;
    }
  }

  async #findOwner(definition: ResourceDefinition, { path, value }: UniqueValue): Promise<Owner> {
    const { signal } = this.#context;
    try {
      const reader = this.#context.reader(definition, signal);
      const { found } = await findByValue(reader, definition, [path], value);
      const id = found[0]?.id;
      if (id === undefined) return { id };
      // A list can still show who was deleted.
      await this.load(definition, id);
      return { id: this.found(definition, id)?.kind === 'absent' ? undefined : id };
    } catch (error) {
      if (isRejection(error)) return { error };
      throw error;
    }
  }
}

/** The values of a new resource that the provider requires to be unique (RFC 7643 §2.2). */
export function uniqueValues(
  definition: ResourceDefinition,
  body: Readonly<Record<string, unknown>>,
): readonly UniqueValue[] {
  const model = modelOf(definition);
  return definition.uniqueKeys
    .filter((path) => model.attributes.get(path)?.uniqueness !== 'none')
    .flatMap((path) => valuesAt(body, jsonPathOf(model, path)).map((value) => ({ path, value })))
    .filter((one): one is UniqueValue => typeof one.value === 'string');
}

/** Whether two unique values are the same: providers compare names without regard to case. */
export function isSameValue(one: string, other: unknown): boolean {
  return typeof other === 'string' && foldCase(one) === foldCase(other);
}

function keyOf({ name }: ResourceDefinition, id: string): string {
  return `${name}/${id}`;
}

function ownerKey({ name }: ResourceDefinition, { path, value }: UniqueValue): string {
  return `${name}/${path}/${foldCase(value)}`;
}

/** Whether the provider answered, and the answer says nothing about the connection as a whole. */
function isRejection(error: unknown): error is ConnectorError {
  if (!(error instanceof ConnectorError)) return false;
  return (
    error.code !== 'auth' &&
    error.code !== 'rate_limited' &&
    (error.status !== undefined || error.code === 'provider_fault')
  );
}
