import type {
  ActionDefinition,
  ConnectorDefinition,
  ResourceDefinition,
} from '../connector/definition/definition.ts';
import type { ScimClient, ScimResponse } from '../connector/http/scim-client.ts';
import type { Operation, OperationType } from '../connector/manifest/operation.zod.ts';
import type { Platform } from '../connector/platform.ts';
import type { Capabilities } from '../connector/provider/capabilities.ts';
import type { ChangeHabits } from '../connector/provider/habits.ts';
import type { LookupReader } from '../connector/provider/reader.ts';

/** An input that is valid for the action's schema. */
export type Input = Readonly<Record<string, unknown>>;

/**
 * Progress of a long run: the number of completed rows, and the total.
 *
 * @example
 * ```ts
 * const options: RunOptions = {
 *   onProgress: ({ done, total }: Progress) => console.error(`${done} of ${total}`),
 * };
 * await connector.actions.bulk_users({ rows: [{ userName: 'ada@example.com' }] }, options);
 * ```
 */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** The context of a run of an action. */
export interface ActionContext {
  readonly definition: ConnectorDefinition;
  readonly client: ScimClient;
  readonly platform: Platform;
  /**
   * The same context with a deadline, from now, over all requests that are made with it.
   *
   * @param row - the index of the row, or of the change of a plan, that they are made for: a dry run reports them in this order
   */
  withDeadline(row?: number): ActionContext;
  /** The provider's capabilities, fetched once per connection. */
  capabilities(): Promise<Capabilities>;
  /** The handler of an action's operation. */
  handlerOf(action: ActionDefinition): AnyHandler;
  /**
   * Verifies that a 404 is about the resource, not about the URL: requests a list of its type, once per
   * connection. @throws ConnectorError `provider_fault` when no SCIM service is there.
   */
  confirmService(resource: ResourceDefinition): Promise<void>;
  /** The reader of a resource type, created once per connection. */
  reader(resource: ResourceDefinition, signal?: AbortSignal): LookupReader;
  /** The observed quirks of the provider in changes and lookups. */
  readonly habits: ChangeHabits;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The time since which the same input can have been sent, in milliseconds since 1970: a create then checks first. */
  readonly maybeSentSinceInMs?: number | undefined;
}

/** An action whose operation is of one type. */
export type ActionOf<Type extends OperationType> = ActionDefinition & {
  readonly operation: Extract<Operation, { type: Type }>;
};

/** One SCIM request as a part of a bulk request. */
export interface BulkRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** One SCIM request that performs a whole action, for use in a bulk request. */
export interface BulkStep extends BulkRequest {
  /**
   * Confirms a reported success as if the request had been sent by itself: by its response, or by a read.
   *
   * @returns the resource, or the ID of a deleted one. @throws ConnectorError if it is not proved
   */
  confirm(context: ActionContext, response: ScimResponse): Promise<{ readonly id: string }>;
}

/** The handler of one type of operation. */
export interface OperationHandler<Type extends OperationType> {
  readonly type: Type;
  /** Whether it works on many resources, so that each of its parts has a deadline of its own. */
  readonly isLongRunning?: true;
  /** Runs the operation. @throws ConnectorError */
  run(context: ActionContext, action: ActionOf<Type>, input: Input): Promise<unknown>;
  /** The operation as one request; undefined if it must be run. @throws ConnectorError */
  toBulkStep?(context: ActionContext, action: ActionOf<Type>, input: Input): Promise<BulkStep | undefined>;
}

/** A handler of any type. It is called only with its own actions. */
export type AnyHandler = Omit<OperationHandler<OperationType>, 'type'>;

/** A resource type by its name. The definition is validated, so it exists. */
export function namedResource(
  { definition }: Pick<ActionContext, 'definition'>,
  name: string,
): ResourceDefinition {
  const resource = definition.resources[name];
  if (resource === undefined) throw new TypeError(`There is no resource ${name}`);
  return resource;
}

/** The resource type of an action. The definition is validated, so it exists. */
export function resourceOf(
  { definition }: ActionContext,
  { operation }: ActionDefinition,
): ResourceDefinition {
  const resource = 'resource' in operation ? definition.resources[operation.resource] : undefined;
  if (resource === undefined) throw new TypeError(`The operation ${operation.type} has no resource`);
  return resource;
}
