import { confirmService } from '../actions/confirm-service.ts';
import { dryRun } from '../actions/dry-run/dry-run.ts';
import { handlerOf } from '../actions/handler-of.ts';
import type { ActionContext, ActionOf, Progress } from '../actions/operation.ts';
import { assertCriteria, type SearchPage, searchPages } from '../actions/search.ts';
import type {
  ActionDefinition,
  ConnectorDefinition,
  ResourceDefinition,
} from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import { boundClient } from '../connector/http/bound-client.ts';
import type { ScimClient } from '../connector/http/scim-client.ts';
import type { Platform } from '../connector/platform.ts';
import { type Capabilities, readCapabilities } from '../connector/provider/capabilities.ts';
import type { ListHabits } from '../connector/provider/habits.ts';
import { createChangeHabits } from '../connector/provider/habits.ts';
import { createNormalizer, type Normalizer } from '../connector/provider/normalize.ts';
import { presetOf } from '../connector/provider/presets.ts';
import { readInput } from '../connector/read-input.ts';
import { isRecord } from '../schemas/is-record.ts';
import { type ApplyPlanOptions, applyPlan } from '../sync/apply-plan.ts';
import type { ApplyResult } from '../sync/apply-result.ts';
import type { Plan } from '../sync/plan.ts';
import type { PlanOptions } from '../sync/plan-options.ts';
import { planUsers } from '../sync/plan-users.ts';
import { readRows, type SourceRows } from '../sync/read-rows.ts';
import { syncedResources } from '../sync/synced-resources.ts';
import { type PollOptions, poll, pollShared, type SharedPollResult } from '../triggers/poll/poll.ts';
import type { PollResult } from '../triggers/poll-result.ts';
import type { TriggerContext } from '../triggers/trigger-context.ts';
import { notDeclared, prepareTrigger } from './prepare.ts';
import { createEventPipeline, type EventPipeline } from './watch/event-pipeline.ts';

/**
 * Options of one run of an action.
 *
 * @example
 * ```ts
 * const options: RunOptions = { signal: AbortSignal.timeout(30_000) };
 * await connector.actions.get_user({ user: { id: '2819c223' } }, options);
 * ```
 */
export interface RunOptions {
  /**
   * Aborts the run. Requests that were sent before stay in effect. A bulk action still returns the result of each row: done,
   * perhaps done, or not begun.
   */
  readonly signal?: AbortSignal | undefined;
  /** Called as the rows of a long run complete. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Options of one run of an action that can change something.
 *
 * @example
 * ```ts
 * const options: ActionOptions = { dryRun: true };
 * const output = await connector.run('deactivate_user', { user: { email: 'ada@example.com' } }, options);
 * ```
 */
export interface ActionOptions extends RunOptions {
  /**
   * Whether to only return what would be sent and changed, as {@link DryRun}. Only requests that read are sent. Default:
   * false.
   */
  readonly dryRun?: boolean | undefined;
}

/**
 * Options of one poll.
 *
 * @example
 * ```ts
 * const options: PollRunOptions = { signal: AbortSignal.timeout(60_000) };
 * await connector.triggers.user_updated.poll({}, undefined, options);
 * ```
 */
export interface PollRunOptions extends PollOptions {
  /** Aborts the poll. The previous cursor stays valid. */
  readonly signal?: AbortSignal | undefined;
}

/** One connection, ready to run a definition's actions and triggers: it keeps the limits, and what it learned of the provider. */
export interface Session {
  /** Validates the input, and runs the action. @throws ConnectorError */
  runAction(key: string, input: unknown, options?: ActionOptions): Promise<unknown>;
  /** Runs a search, page by page. @throws ConnectorError */
  runSearch(key: string, input: unknown, options?: RunOptions): AsyncGenerator<SearchPage, void, undefined>;
  /**
   * Polls once for the events of a trigger since a cursor, or for the first time without one. Deliver the events, then
   * store the cursor with the pages. @throws ConnectorError; the previous cursor then stays valid
   */
  poll(key: string, input: unknown, cursor: unknown, options?: PollRunOptions): Promise<PollResult>;
  /** Validates the input of a trigger once, for many polls. @throws ConnectorError `invalid_input` */
  preparePoll(
    key: string,
    input: unknown,
  ): (cursor: unknown, options?: PollRunOptions) => Promise<PollResult>;
  /**
   * Prepares polls that read the provider once for several triggers, whose inputs agree about polling. What cannot be
   * read is among the failures of a result.
   *
   * @param owner the trigger that the cursor belongs to
   * @throws ConnectorError `invalid_input`
   */
  prepareSharedPoll(
    owner: string,
    triggers: readonly { readonly key: string; readonly input: unknown }[],
  ): (cursor: unknown, options?: PollRunOptions) => Promise<SharedPollResult>;
  /** Creates the stages between a source and the outbox, for a trigger. @throws ConnectorError `invalid_input` */
  eventPipeline(key: string, input: unknown): EventPipeline;
  /** The context for functions that read the directory. */
  contextOf(run?: RunOptions): ActionContext;
  /** Plans what has to change so that users are as rows say. @throws ConnectorError */
  plan(rows: SourceRows, options: PlanOptions, run?: RunOptions): Promise<Plan>;
  /** Applies a plan. @throws ConnectorError */
  apply(plan: Plan, options: ApplyPlanOptions, run?: RunOptions): Promise<ApplyResult>;
}

/**
 * Opens a session on any platform: Node's, or a host's own. Sessions of one connection share its client, and with it the
 * limits and the credential.
 */
export function openSession(
  definition: ConnectorDefinition,
  platform: Platform,
  sharedClient: ScimClient,
): Session {
  const { connection } = sharedClient;
  const actions = new Map(definition.actions.map((action) => [action.key, action]));
  const normalizers = new Map<string, Normalizer>();
  const confirmed = new Set<string>();
  const preset = presetOf(definition.profile?.traits.map(({ name }) => name) ?? []);
  const changeHabits = createChangeHabits(platform.log, Object.values(definition.resources), preset);
  const listHabits = new Map<string, ListHabits>();
  let declared: Capabilities | undefined;

  const habitsOf = ({ name }: ResourceDefinition): ListHabits => {
    const known = listHabits.get(name) ?? { ...preset.lists };
    listHabits.set(name, known);
    return known;
  };

  const normalizerOf = (resource: ResourceDefinition): Normalizer => {
    const known = normalizers.get(resource.name) ?? createNormalizer(resource);
    normalizers.set(resource.name, known);
    return known;
  };

  const contextOf = (
    { signal, onProgress }: RunOptions,
    deadlineAtInMs?: number,
  ): ActionContext & TriggerContext => {
    const client = boundClient(sharedClient, { signal, deadlineAtInMs });
    // Runs share the declared capabilities, but not the request for them: an abort of one run must not end another.
    let reading: Promise<Capabilities> | undefined;
    const capabilities = async (): Promise<Capabilities> => {
      if (declared !== undefined) return declared;
      reading ??= readCapabilities(client).finally(() => {
        reading = undefined;
      });
      declared = await reading;
      return declared;
    };
    const confirmResource = async (resource: ResourceDefinition): Promise<void> => {
      if (confirmed.has(resource.name)) return;
      await confirmService(client, resource);
      confirmed.add(resource.name);
    };
    return {
      definition,
      client,
      platform,
      handlerOf,
      withDeadline: () => contextOf({ signal, onProgress }, platform.now() + connection.deadlineInMs),
      capabilities,
      confirmService: confirmResource,
      habits: changeHabits,
      reader: (resource, readSignal) => ({
        client,
        endpoint: resource.endpoint,
        normalize: normalizerOf(resource),
        sortKeys: ['id', ...resource.uniqueKeys],
        habits: habitsOf(resource),
        capabilities,
        log: platform.log,
        now: platform.now,
        signal: readSignal,
        changes: changeHabits,
        confirmList: () => confirmResource(resource),
      }),
      pollPreset: preset.polls,
      signal,
      onProgress,
    };
  };

  const prepare = (
    key: string,
    input: unknown,
  ): { action: ActionDefinition; input: Readonly<Record<string, unknown>> } => {
    const action = actions.get(key);
    if (action === undefined) throw notDeclared('action', key, [...actions.keys()]);
    if (isSearch(action)) assertCriteria(action, input);
    return { action, input: readInput(action.input, input) };
  };

  const preparePoll: Session['preparePoll'] = (key, given) => {
    const { trigger, input } = prepareTrigger(definition, key, given);
    return (cursor, { signal, ...options } = {}) =>
      poll(contextOf({ signal }), trigger, input, cursor, options);
  };

  const prepareSharedPoll: Session['prepareSharedPoll'] = (owner, triggers) => {
    const prepared = triggers.map(({ key, input }) => prepareTrigger(definition, key, input));
    return (cursor, { signal, ...options } = {}) =>
      pollShared(contextOf({ signal }), owner, prepared, cursor, { ...options, checksAccount: true }, true);
  };

  return {
    async runAction(key, given, options = {}) {
      const { action, input } = prepare(key, given);
      const handler = handlerOf(action);
      const deadlineAtInMs = platform.now() + connection.deadlineInMs;
      const context = contextOf(options, handler.isLongRunning === true ? undefined : deadlineAtInMs);
      return options.dryRun === true ? dryRun(context, action, input) : handler.run(context, action, input);
    },
    async *runSearch(key, given, options = {}) {
      const { action, input } = prepare(key, given);
      if (!isSearch(action)) {
        throw new ConnectorError('unsupported', {
          what: `The action "${key}" is not a search, so it has no pages.`,
          nextStep: 'Run it as an action, or stream a search.',
        });
      }
      // The default limit is for lists: it would cut a stream off, and nothing in a stream says so.
      const limit = isRecord(given) ? given.limit : undefined;
      yield* searchPages(contextOf(options), action, { ...input, limit });
    },
    poll: async (key, given, cursor, options) => preparePoll(key, given)(cursor, options),
    preparePoll,
    plan: async (rows, options, run = {}) =>
      planUsers(contextOf(run), readRows(syncedResources(definition).users, rows), options),
    contextOf: (run = {}) => contextOf(run),
    apply: (plan, options, run = {}) => applyPlan(contextOf(run), plan, options),
    prepareSharedPoll,
    eventPipeline: (key, given) =>
      createEventPipeline(definition, (signal) => contextOf({ signal }), key, given),
  };
}

function isSearch(action: ActionDefinition): action is ActionOf<'search'> {
  return action.operation.type === 'search';
}
