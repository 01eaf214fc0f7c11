/// <reference lib="esnext.disposable" preserve="true" />
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import type { ActionTypes, DryRun, SourceTypes, TriggerTypes } from '../connector/generated/types.ts';
import type { ProbeOptions } from '../probe/probe-provider.ts';
import type { ProbeReport } from '../probe/report.ts';
import type { RoleReport, RoleReportOptions } from '../report/role-report.ts';
import type { ApplyResult } from '../sync/apply-result.ts';
import type { ColumnMap } from '../sync/column-map.ts';
import type { RowProblem } from '../sync/desired.ts';
import type { ApplyJournal } from '../sync/journal.ts';
import type { Plan } from '../sync/plan.ts';
import type { PlanOptions } from '../sync/plan-options.ts';
import type { RevertOptions } from '../sync/revert-plan.ts';
import type { PollResult } from '../triggers/poll-result.ts';
import type { ExportOptions } from './export-directory.ts';
import type { ActionOptions, PollRunOptions, RunOptions } from './open-session.ts';
import type { EventPipeline } from './watch/event-pipeline.ts';
import type { SinkWatchOptions, WatchOptions } from './watch/watch.ts';
import type { PushSourceType, ReceiverOptions, WebhookReceiver } from './webhook-receiver.ts';

/**
 * Every action of the manifest as a function.
 *
 * @throws ConnectorError
 *
 * @example
 * ```ts
 * const { upsert_user, set_workato_role }: Actions = connector.actions;
 * const { id } = await upsert_user({ userName: 'ada@example.com' });
 * await set_workato_role({ user: { id }, environment: 'prod', role: 'Operator' });
 * ```
 */
export type Actions = {
  readonly [Key in keyof ActionTypes]: ActionTypes[Key] extends ChangingActionType
    ? ChangingAction<ActionTypes[Key]>
    : (input: ActionTypes[Key]['input'], options?: RunOptions) => Promise<ActionTypes[Key]['output']>;
};

type ChangingActionType = { readonly input: unknown; readonly output: unknown; readonly dryRun: DryRun };

/**
 * An action that can change something. With `dryRun: true`, it only returns what it would send and change.
 *
 * @throws ConnectorError
 *
 * @example
 * ```ts
 * const deactivate: ChangingAction<ActionTypes['deactivate_user']> = connector.actions.deactivate_user;
 * const { summary, changes } = await deactivate({ user: { email: 'ada@example.com' } }, { dryRun: true });
 * for (const { path, from, to } of changes) console.log(path, from, to);
 * ```
 */
export interface ChangingAction<Type extends ChangingActionType> {
  (input: Type['input'], options: RunOptions & { readonly dryRun: true }): Promise<DryRun>;
  (
    input: Type['input'],
    options?: RunOptions & { readonly dryRun?: false | undefined },
  ): Promise<Type['output']>;
  (
    input: Type['input'],
    options: RunOptions & { readonly dryRun: boolean },
  ): Promise<Type['output'] | DryRun>;
}

/**
 * The keys of the search actions.
 *
 * @example
 * ```ts
 * const searches: readonly SearchKey[] = ['search_users', 'search_groups'];
 * ```
 */
export type SearchKey = {
  [Key in keyof ActionTypes]: ActionTypes[Key]['output'] extends { totalResults: number } ? Key : never;
}[keyof ActionTypes];

/**
 * Every search as a stream, which holds one page at a time.
 *
 * @throws ConnectorError
 *
 * @example
 * ```ts
 * for await (const { userName } of connector.stream.search_users({ active: true })) console.log(userName);
 * ```
 */
export type Streams = {
  readonly [Key in SearchKey]: (
    input: ActionTypes[Key]['input'],
    options?: RunOptions,
  ) => AsyncIterable<ActionTypes[Key]['output']['resources'][number]>;
};

/**
 * Result of one poll of a trigger, with its events.
 *
 * @example
 * ```ts
 * const left = async ({ events }: TriggerPoll<'user_deprovisioned'>): Promise<string[]> =>
 *   events.map(({ subject }) => subject.userName ?? subject.id);
 * ```
 */
export type TriggerPoll<Key extends keyof TriggerTypes> = Omit<PollResult, 'events'> & {
  readonly events: readonly TriggerTypes[Key]['event'][];
};

/**
 * Every trigger of the manifest, to poll once or to watch.
 *
 * @example
 * ```ts
 * const { user_deprovisioned }: Triggers = connector.triggers;
 * const first = await user_deprovisioned.poll({});
 * const second = await user_deprovisioned.poll({}, first.cursor);
 * ```
 */
export type Triggers = {
  readonly [Key in keyof TriggerTypes]: {
    /**
     * Polls once for the events since the cursor of the last poll; without a cursor, it is the first poll. Deliver the
     * events, then store the cursor. @throws ConnectorError; the previous cursor then stays valid.
     */
    poll(
      input: TriggerTypes[Key]['input'],
      cursor?: unknown,
      options?: PollRunOptions,
    ): Promise<TriggerPoll<Key>>;
    /**
     * Polls repeatedly, and yields the events one by one. An event is acknowledged when the loop requests the next one.
     * If the loop body throws, or the process ends, the next watch of the same store yields the event again.
     *
     * @throws ConnectorError the permanent error of a poll.
     *
     * @example
     * ```ts
     * const leavers = connector.triggers.user_deprovisioned.watch({}, { store: 'leavers.state' });
     * for await (const { subject } of leavers) console.log('revoke the sessions of', subject.userName);
     * ```
     */
    watch(
      input: TriggerTypes[Key]['input'],
      options?: WatchOptions,
    ): AsyncGenerator<TriggerTypes[Key]['event'], void, undefined>;
  };
};

/**
 * A trigger to watch: its key, or its key with its input.
 *
 * @example
 * ```ts
 * const leavers: WatchTarget = { key: 'user_deprovisioned', input: { massChangeLimit: 50 } };
 * ```
 */
export type WatchTarget<Key extends keyof TriggerTypes = keyof TriggerTypes> =
  | Key
  | { readonly key: Key; readonly input?: TriggerTypes[Key]['input'] | undefined };

/**
 * A desired state: the users as they should be.
 *
 * @example
 * ```ts
 * const desired: DesiredInput = {
 *   users: [{ Login: 'ada@example.com', Status: 'ACTIVE', Teams: 'Engineering;Analysts' }],
 *   map: {
 *     Login: 'userName',
 *     Status: { attribute: 'active', values: { ACTIVE: true, '*': false } },
 *     Teams: 'groups',
 *   },
 * };
 * ```
 */
export interface DesiredInput {
  /**
   * One object for each user: the fields of `upsert_user`, `groups` (names), and `manager` (a username, email, external
   * ID, or ID), or the columns of `map`. Omitted attributes stay as they are, and null removes a value.
   */
  readonly users: readonly Readonly<Record<string, unknown>>[];
  /** What each column means. Default: its name is the attribute. */
  readonly map?: ColumnMap;
  /** How messages name the source. Default: `the desired state`. */
  readonly source?: string;
  /** The number of each row, for messages. Default: 1, 2, … */
  readonly rows?: readonly number[];
  /** The columns of a sheet: one that means nothing is an error, even in a sheet without rows. Default: those of the rows. */
  readonly columns?: readonly string[];
  /** Rows that could not be read. Whom they describe is not known, so that nobody counts as missing. */
  readonly problems?: readonly RowProblem[];
  /** What was noticed while the source was read; the plan repeats it. */
  readonly notes?: readonly string[];
}

/**
 * How a plan is applied.
 *
 * @example
 * ```ts
 * const options: ApplyOptions = { journal: 'people.journal', approve: ['hold-0123456789abcdef'] };
 * ```
 */
export interface ApplyOptions extends RunOptions {
  /** The IDs of the holds that a person has approved. Other held changes are not made. */
  readonly approve?: readonly string[];
  /**
   * Where each change is recorded before and after it is made: the path of a file, which is created, or a journal of
   * your own. With the journal of an interrupted run, the plan is resumed. Default: nowhere, and there is no way back.
   */
  readonly journal?: string | ApplyJournal;
}

/**
 * The connector, connected to one provider.
 *
 * @example
 * ```ts
 * await using connector: Connector = createConnector({
 *   baseUrl: 'https://workato.com/scim/v2',
 *   token: process.env.SCIM_TOKEN ?? '',
 * });
 * const user = await connector.actions.find_user({ user: { email: 'ada@example.com' } });
 * ```
 */
export interface Connector extends AsyncDisposable {
  readonly definition: ConnectorDefinition;
  readonly actions: Actions;
  /**
   * The searches, one resource at a time: `for await (const user of connector.stream.search_users({}))`. A stream
   * yields all results, unless the input has a limit.
   */
  readonly stream: Streams;
  readonly triggers: Triggers;
  /** Runs any action by its key, including those of overlays. @throws ConnectorError */
  run(key: string, input: unknown, options?: ActionOptions): Promise<unknown>;
  /** Polls any trigger by its key, including those of overlays. @throws ConnectorError */
  poll(key: string, input: unknown, cursor?: unknown, options?: PollRunOptions): Promise<PollResult>;
  /**
   * Receives the requests of one sender in your own server: verifies each request, maps it to events, and returns the
   * reply. Store the events, then reply. A stored event can be repeated with the same `dedupeKey`.
   *
   * @throws ConnectorError `invalid_input` if the settings or the trigger's input are invalid.
   */
  receiver<Type extends PushSourceType>(
    type: Type,
    settings: SourceTypes[Type],
    options?: ReceiverOptions,
  ): WebhookReceiver;
  /**
   * Runs the event pipeline for one or several triggers: polls the provider, receives or fetches from event sources,
   * enriches, filters, deduplicates, and delivers to a sink, at least once and in order, until it is stopped. Resolves
   * when it has drained, or has delivered everything and runs `once`.
   *
   * @throws ConnectorError the permanent error of a poll, of the sink, or of the store.
   *
   * @example
   * ```ts
   * await connector.watch(['user_deprovisioned', { key: 'user_role_changed', input: { roleTo: 'Admin' } }], {
   *   store: 'users.state',
   *   sources: [{ type: 'okta_event_hook', settings: { secret: 'a long random secret' } }],
   *   listen: { port: 8081 },
   *   sink: async ({ type, subject }) => console.log(type, subject.userName),
   * });
   * ```
   */
  watch<Key extends keyof TriggerTypes>(
    triggers: WatchTarget<Key> | readonly WatchTarget<Key>[],
    options: SinkWatchOptions<TriggerTypes[Key]['event']>,
  ): Promise<void>;
  /** Creates the stages between a source and the outbox, for any trigger, including those of overlays. @throws ConnectorError `invalid_input` */
  eventPipeline(key: string, input: unknown): EventPipeline;
  /**
   * Plans what has to change so that the users are as desired. It only reads.
   *
   * @throws ConnectorError `invalid_input` if the desired state cannot be used
   *
   * @example
   * ```ts
   * const plan = await connector.plan(
   *   { users: [{ userName: 'ada@example.com', externalId: 'hr-1', department: 'Research' }] },
   *   { ownedBy: { externalIdPrefix: 'hr-' } },
   * );
   * console.log(plan.counts, plan.problems, plan.holds);
   * ```
   */
  plan(desired: DesiredInput, options?: PlanOptions & RunOptions): Promise<Plan>;
  /**
   * Makes the changes of a plan. A change is refused if its user has changed since the plan was made. Held changes need an
   * approval. With a journal, each change is made once, however often the process is killed.
   *
   * @throws ConnectorError `invalid_input` if the plan is for another provider or was edited, or the journal is of another plan
   *
   * @example
   * ```ts
   * const plan = await connector.plan({ users: [{ userName: 'ada@example.com', title: 'Analyst' }] });
   * const { counts, results } = await connector.apply(plan, { journal: 'people.journal' });
   * for (const { change, outcome, message } of results) if (outcome !== 'changed') console.log(change.id, outcome, message);
   * ```
   */
  apply(plan: Plan, options?: ApplyOptions): Promise<ApplyResult>;
  /**
   * Plans the way back from a journal, the last change first. Apply it as any other plan, with a journal of its own.
   *
   * @throws ConnectorError `invalid_input` if it is not a journal
   *
   * @example
   * ```ts
   * const wayBack = await connector.planRevert('people.journal', { only: 'ada@example.com' });
   * await connector.apply(wayBack, { journal: 'people.revert.journal' });
   * ```
   */
  planRevert(journal: string | ApplyJournal, options?: RevertOptions): Promise<Plan>;
  /**
   * Writes every user or group as CSV or JSON, a page at a time, so that a large directory is never completely in memory.
   * What has come is all of it only if the loop ends without an error. It only reads.
   *
   * @throws ConnectorError `invalid_input` for a column that is no attribute; `provider_fault` for a list that ends early
   *
   * @example
   * ```ts
   * const sheet = connector.export('users', { columns: ['userName', 'active', 'workato_role'] });
   * for await (const text of sheet) process.stdout.write(text);
   * ```
   */
  export(
    what: 'users' | 'groups',
    options?: ExportOptions & RunOptions,
  ): AsyncGenerator<string, void, undefined>;
  /**
   * Reports who has which role in which environment, and what a person should look at. It only reads.
   *
   * @throws ConnectorError, also for a list that ends early
   *
   * @example
   * ```ts
   * const { environments, inactiveWithRoles, inNoGroup, notes } = await connector.reportRoles();
   * for (const { title, roles } of environments) console.log(title, roles);
   * console.log(inactiveWithRoles.length, inNoGroup?.length ?? 'not known', notes);
   * ```
   */
  reportRoles(options?: RoleReportOptions & RunOptions): Promise<RoleReport>;
  /**
   * Finds out what the provider can do, where it deviates from the RFCs, and what that means for actions and triggers.
   * It only reads, unless `write` lets it create, change, and remove users and groups of its own.
   *
   * @throws ConnectorError if neither users nor groups can be listed.
   *
   * @example
   * ```ts
   * const { traits } = await connector.probe({ signal: AbortSignal.timeout(120_000) });
   * for (const { name, consequence } of traits) console.log(name, consequence);
   * ```
   */
  probe(options?: ProbeOptions): Promise<ProbeReport>;
  /** Closes idle connections, so that the process can end. `await using` calls it. */
  close(): void;
}
