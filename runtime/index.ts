export type { Progress } from '../actions/operation.ts';
export type { ConnectionInput } from '../connector/connection.ts';
export type {
  ActionDefinition,
  ConnectorDefinition,
  DryRunDefinition,
  Field,
  FieldKind,
  SourceDefinition,
  TriggerDefinition,
} from '../connector/definition/definition.ts';
export { ConnectorError, type ErrorCode, type InputProblem } from '../connector/errors.ts';
export type { EventChange, EventSubject, EventType, ProvisioningEvent } from '../connector/event.ts';
export type * from '../connector/generated/types.ts';
export type { Manifest } from '../connector/manifest/manifest.zod.ts';
export { ManifestError } from '../connector/manifest/manifest-error.ts';
export type { Overlay } from '../connector/manifest/overlay.zod.ts';
export { parseManifest, parseOverlay } from '../connector/manifest/parse-manifest.zod.ts';
export type { LogEntry } from '../connector/platform.ts';
export type { HeldLoss } from '../connector/safeguard/hold.ts';
export type { TraitName } from '../connector/traits.ts';
export type { Capability, Outcome } from '../probe/check.ts';
export type { ProbeOptions } from '../probe/probe-provider.ts';
export type {
  CapabilityState,
  LeftBehind,
  ProbeCheck,
  ProbedTrait,
  ProbeReport,
} from '../probe/report.ts';
export type {
  ReportedUser,
  RoleCount,
  RoleEnvironment,
  RoleReport,
  RoleReportOptions,
} from '../report/role-report.ts';
export type { ApplyResult, ChangeOutcome, ChangeResult } from '../sync/apply-result.ts';
export type { ColumnMap, ColumnRule } from '../sync/column-map.ts';
export type { RowProblem } from '../sync/desired.ts';
export type {
  ApplyJournal,
  JournalDone,
  JournalFailed,
  JournalRecord,
  JournalSending,
  JournalStart,
} from '../sync/journal.ts';
export type {
  AttributeChange,
  GroupChange,
  MembershipChange,
  Plan,
  PlanCounts,
  PlanHold,
  PlannedChange,
  PlannedGroup,
  PlannedUser,
  UserChange,
  UserChangeKind,
} from '../sync/plan.ts';
export type { LossesByKind, MatchKey, Ownership, PlanOptions } from '../sync/plan-options.ts';
export type { RevertOptions } from '../sync/revert-plan.ts';
export type { PollResult, SnapshotPages } from '../triggers/poll-result.ts';
export type { PushReply, Received } from '../triggers/sources/source.ts';
export type {
  Actions,
  ApplyOptions,
  ChangingAction,
  Connector,
  DesiredInput,
  SearchKey,
  Streams,
  TriggerPoll,
  Triggers,
  WatchTarget,
} from './connector.ts';
export { type ConnectorOptions, createConnector } from './create-connector.ts';
export { discoverOverlay } from './discover-overlay.ts';
export type { ExportOptions } from './export-directory.ts';
export { type Flattened, flattenExtensions } from './flatten-extensions.ts';
export { readDesired } from './node/desired/read-desired.ts';
export { readProvider } from './node/desired/read-provider.ts';
export { type JournalFile, openJournal } from './node/journal-file.ts';
export { openWatchStore, type WatchStoreOptions } from './node/open-watch-store.ts';
export {
  fileSink,
  stdoutSink,
  streamSink,
  type WebhookSinkOptions,
  webhookSink,
} from './node/sinks.ts';
export type { ActionOptions, PollRunOptions, RunOptions } from './open-session.ts';
export type {
  FetchRequest,
  NodeRequest,
  PlainRequest,
  WebhookRequest,
} from './read-webhook-request.ts';
export type { EventPipeline } from './watch/event-pipeline.ts';
export { approveHold, discardHold, type Hold, readHolds } from './watch/release-holds.ts';
export { type Sink, SinkClosed, type SinkFunction } from './watch/sink.ts';
export type { SubscriptionOptions } from './watch/subscription-endpoint.ts';
export type {
  Backlog,
  ExitCondition,
  SinkChoice,
  SinkWatchOptions,
  SinkWatchSettings,
  WatchOptions,
  WatchStart,
} from './watch/watch.ts';
export type { WatchObservation, WatchObserver } from './watch/watch-observer.ts';
export type {
  DeliveryFailure,
  DeliverySelection,
  EventSelection,
  FailedDelivery,
  IngestBatch,
  OutboxEntry,
  SinkState,
  WatchStore,
} from './watch/watch-store.ts';
export type { WatchSource } from './watch/watched-connection.ts';
export { type ConnectionWatch, watchAll } from './watch-all.ts';
export { watchSources } from './watch-sources.ts';
export type { PushSourceType, ReceiverOptions, WebhookReceiver } from './webhook-receiver.ts';
