import type {
  ActionDefinition,
  ConnectorDefinition,
  ResourceDefinition,
} from '../connector/definition/definition.ts';
import type { ScimClient } from '../connector/http/scim-client.ts';
import type { Operation, OperationType } from '../connector/manifest/manifest.zod.ts';
import type { Platform } from '../connector/platform.ts';
import type { Capabilities } from '../connector/provider/capabilities.ts';
import type { ChangeHabits } from '../connector/provider/change-habits.ts';
import type { LookupReader } from '../connector/provider/find-by-value.ts';

/** An input that fits the action's schema. */
export type Input = Readonly<Record<string, unknown>>;

/**
 * Progress of a long run: how many rows are done, of how many.
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

/** What a run of an action may use. */
export interface ActionContext {
  readonly definition: ConnectorDefinition;
  readonly client: ScimClient;
  readonly platform: Platform;
  /** The same context with a deadline, from now, over all requests that are made with it. */
  withDeadline(): ActionContext;
  /** What the provider can do; asked once for a connection. */
  capabilities(): Promise<Capabilities>;
  /** The handler of an action's operation. */
  handlerOf(action: ActionDefinition): AnyHandler;
  /**
   * Makes sure that a 404 speaks of the resource, not of the address: asks for the list of its kind, once for a
   * connection. @throws ConnectorError `provider_fault` when no SCIM service is there.
   */
  confirmService(resource: ResourceDefinition): Promise<void>;
  /** The reader of a kind of resource, made once for a connection. */
  reader(resource: ResourceDefinition, signal?: AbortSignal): LookupReader;
  /** What was noticed of how the provider takes changes and lookups. */
  readonly habits: ChangeHabits;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Since when the same input may have been sent already, in milliseconds since 1970: a create then looks first. */
  readonly maybeSentSinceInMs?: number | undefined;
}

/** An action whose operation is of one type. */
export type ActionOf<Type extends OperationType> = ActionDefinition & {
  readonly operation: Extract<Operation, { type: Type }>;
};

/** One SCIM request that does the whole of an action, so that a bulk request can carry it. */
export interface BulkStep {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** The handler of one type of operation. */
export interface OperationHandler<Type extends OperationType> {
  readonly type: Type;
  /** Whether it runs other actions, so that each of these has a deadline instead of the whole. */
  readonly runsActions?: true;
  /** Does it. @throws ConnectorError */
  run(context: ActionContext, action: ActionOf<Type>, input: Input): Promise<unknown>;
  /** The same as one request, where one request can do it; undefined where it has to be run. @throws ConnectorError */
  toBulkStep?(context: ActionContext, action: ActionOf<Type>, input: Input): Promise<BulkStep | undefined>;
}

/** A handler, whatever its type; it is only ever given the actions that it is for. */
export type AnyHandler = Omit<OperationHandler<OperationType>, 'type'>;

/** The kind of resource that an action is about. The definition has been checked, so that it is there. */
export function resourceOf(
  { definition }: ActionContext,
  { operation }: ActionDefinition,
): ResourceDefinition {
  const resource = 'resource' in operation ? definition.resources[operation.resource] : undefined;
  if (resource === undefined) throw new TypeError(`The operation ${operation.type} has no resource`);
  return resource;
}
