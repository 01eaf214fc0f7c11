import type { ListHabits } from '../../connector/provider/habits.ts';
import type { PageReader } from '../../connector/provider/reader.ts';
import type { LossLimits } from '../../connector/safeguard/safeguard.ts';
import type { SnapshotPages } from '../poll-result.ts';
import { createTracker, type Tracker } from '../snapshot/create-tracker.ts';
import { openSnapshot, type Snapshot } from '../snapshot/open-snapshot.ts';
import type { TriggerContext } from '../trigger-context.ts';
import { ByIdReader } from './by-id-reader.ts';
import {
  ChangeWindow,
  type ClockedClient,
  ReadStrategy,
  type ResourceLog,
  type StrategyOptions,
  watchClock,
} from './changed-since.ts';
import { DifferenceCollector, type DifferenceOptions } from './collect-differences.ts';
import { GroupMembers } from './group-members.ts';
import { HiddenActive } from './hidden-active.ts';
import { HiddenAttributes } from './hidden-attributes.ts';
import { MissingResources } from './missing-resources.ts';

/** The options of polling one resource type. */
export interface ResourcePollOptions
  extends StrategyOptions,
    Pick<
      DifferenceOptions,
      'definition' | 'cursor' | 'fromBeginning' | 'limit' | 'round' | 'triggers' | 'started'
    > {
  readonly context: TriggerContext;
  readonly pages: SnapshotPages;
  /** The limits of losses in a day. */
  readonly limits: LossLimits;
  /** The keys of the losses that were approved. */
  readonly approved: ReadonlySet<string>;
  /** How long before the last poll changes are requested again. */
  readonly lookBackInMs: number;
  /** The number of results per request; undefined: as at the first poll. */
  readonly pageSize: number | undefined;
}

/** The parts of polling one resource type, opened from its cursor. */
export interface ResourcePollParts {
  readonly clock: ClockedClient;
  readonly reader: PageReader;
  readonly habits: ListHabits;
  readonly strategy: ReadStrategy;
  readonly tracker: Tracker;
  readonly snapshot: Snapshot;
  readonly window: ChangeWindow;
  /** Reads by ID. */
  readonly byId: ByIdReader;
  /** Undefined if the resource type has no members. */
  readonly members: GroupMembers | undefined;
  readonly active: HiddenActive;
  readonly hidden: HiddenAttributes;
  readonly missing: MissingResources;
  readonly differences: DifferenceCollector;
}

/** Opens the parts of one poll. */
export function openResourcePoll(
  options: ResourcePollOptions,
  startedAtInMs: number,
  log: ResourceLog,
): ResourcePollParts {
  const { context, definition, cursor, pages } = options;
  const { platform, pollPreset: preset } = context;
  const plain = context.reader(definition, context.signal);
  const clock = watchClock(plain.client, platform.now);
  const reader = { ...plain, client: clock.client };
  const tracker = createTracker(definition, cursor?.columns);
  const snapshot = openSnapshot(pages, cursor ?? { name: definition.name, pageCount: 1, size: 0 });
  const byId = new ByIdReader(reader, definition, platform, cursor?.unreadable ?? {});
  const membersBefore = (id: string): readonly string[] | undefined => {
    const entry = snapshot.has(id) ? snapshot.get(id) : undefined;
    return entry === undefined ? undefined : tracker.membersOf(entry);
  };
  return {
    clock,
    reader,
    habits: Object.assign(plain.habits, cursor?.habits, plain.habits),
    strategy: new ReadStrategy(options, cursor, preset),
    tracker,
    snapshot,
    window: new ChangeWindow(clock),
    byId,
    members: definition.retainedAttributes.includes('members')
      ? new GroupMembers(byId, platform.log, cursor, membersBefore, preset)
      : undefined,
    active: new HiddenActive(byId, cursor?.activeNotShown),
    hidden: new HiddenAttributes(tracker, { ...options, known: snapshot.size }),
    missing: new MissingResources(byId, cursor, log),
    differences: new DifferenceCollector({ ...options, tracker, snapshot, nowInMs: startedAtInMs }),
  };
}
