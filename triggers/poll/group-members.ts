import type { LogEntry } from '../../connector/platform.ts';
import type { PollPreset } from '../../connector/provider/habits.ts';
import type { Resource } from '../../connector/resource.ts';
import { keyOfItem } from '../../scim/canonical.ts';
import { foldCase } from '../../scim/fold-case.ts';
import { lastModifiedInMs } from '../../scim/timestamps.ts';
import type { ByIdReader } from './by-id-reader.ts';

/**
 * Where a provider shows the members of a group: in lists, or only in a group that is read by ID. `unseen`: so far, no
 * group showed any.
 */
export type MembersShownIn = 'list' | 'by_id' | 'unseen';

/** What a poll learns of the members in lists. */
export interface KnownMembers {
  /** Where the provider shows the members of groups; absent while no group is known. */
  readonly membersShownIn?: MembersShownIn;
  /** The most members that a listed group had when reading it by ID showed no others; absent while that is not known. */
  readonly mostMembersListed?: number;
}

/** The number of groups read by ID to find out whether that shows members that the list hides. */
const mostProbes = 20;

/** Completes listed groups with the members that the list hides, during one poll. */
export class GroupMembers {
  readonly #byId: ByIdReader;
  readonly #log: (entry: LogEntry) => void;
  readonly #membersBefore: (id: string) => readonly string[] | undefined;
  readonly #shownBefore: MembersShownIn | undefined;
  readonly #read = new Map<string, Resource>();
  #shownIn: MembersShownIn | undefined;
  #mostListed: number;
  #groups = 0;

  /**
   * @param cursor the result of the last poll
   * @param membersBefore the keys of the members that a group had at the last poll; undefined if it is not known yet
   * @param preset what the profile of the provider says
   */
  constructor(
    byId: ByIdReader,
    log: (entry: LogEntry) => void,
    cursor: KnownMembers | undefined,
    membersBefore: (id: string) => readonly string[] | undefined,
    { readsMembersById }: PollPreset,
  ) {
    this.#byId = byId;
    this.#log = log;
    this.#shownBefore = cursor?.membersShownIn;
    this.#membersBefore = membersBefore;
    this.#shownIn = readsMembersById === true ? 'by_id' : this.#shownBefore;
    this.#mostListed = cursor?.mostMembersListed ?? 0;
  }

  /** What the next poll has to know; nothing if there was no group. */
  get known(): KnownMembers {
    return {
      ...(this.#shownIn !== undefined && { membersShownIn: this.#shownIn }),
      ...(this.#shownIn === 'list' && { mostMembersListed: this.#mostListed }),
    };
  }

  /**
   * Reads the members that the list hides. Known groups whose members are shown nowhere are omitted: their snapshot
   * stays.
   */
  async complete(listed: readonly Resource[]): Promise<readonly Resource[]> {
    if (listed.length === 0) return listed;
    this.#groups += listed.length;
    if (this.#shownIn !== 'by_id') await this.#probe(listed);
    const incomplete = listed.filter((group) => this.#isIncomplete(group));
    const results = await this.#byId.readAll(incomplete.map(({ id }) => id));
    const dropped = new Set<string>();
    for (const [index, group] of incomplete.entries()) {
      const result = results[index];
      if (result?.kind === 'found') this.#read.set(group.id, result.resource);
      else if (this.#isHidden(group) && this.#membersBefore(group.id) !== undefined) dropped.add(group.id);
    }
    const completed = listed.flatMap((group) =>
      dropped.has(group.id) ? [] : [this.#read.get(group.id) ?? group],
    );
    this.#read.clear();
    return completed;
  }

  /** Logs once that members cannot be seen. */
  report(): void {
    if (this.#shownIn === this.#shownBefore) return;
    if (this.#shownIn === 'by_id')
      this.#log({ level: 'info', event: 'members_read_by_id', resource: 'Group', groups: this.#groups });
    if (this.#shownIn === 'unseen') {
      this.#log({
        level: 'warn',
        event: 'members_not_shown',
        resource: 'Group',
        message:
          'No group shows members, neither in the list nor by ID. If groups have members, changes of them cannot be detected.',
      });
    }
  }

  /** Compares the list with groups that are read by ID, until one shows more members than the list does. */
  async #probe(listed: readonly Resource[]): Promise<void> {
    const [largest] = listed.toSorted((one, other) => membersOf(other).size - membersOf(one).size);
    const size = largest === undefined ? 0 : membersOf(largest).size;
    if (largest !== undefined && size > 0) {
      // A list can be cut at a number of members that no group had so far.
      if (size > this.#mostListed && !(await this.#showsMore(largest))) this.#mostListed = size;
      if (this.#shownIn !== 'by_id') this.#shownIn = 'list';
      return;
    }
    if (this.#shownIn === 'list') return;
    this.#shownIn = 'unseen';
    // Of groups without members in the list, the ones that changed last are the most likely to have some.
    const candidates = listed
      .toSorted((one, other) => (lastModifiedInMs(other) ?? 0) - (lastModifiedInMs(one) ?? 0))
      .slice(0, mostProbes);
    for (const group of candidates) if (await this.#showsMore(group)) return;
  }

  /** Reads a group by ID. @returns whether that shows more members than the list does, as it then does of every group */
  async #showsMore(group: Resource): Promise<boolean> {
    const result = await this.#byId.read(group.id);
    if (result.kind !== 'found') return false;
    this.#read.set(group.id, result.resource);
    const shown = membersOf(group);
    const showsMore = [...membersOf(result.resource)].some((key) => !shown.has(key));
    if (showsMore) this.#shownIn = 'by_id';
    return showsMore;
  }

  /** A list may omit members: before they are reported to have left, the group is read by ID. */
  #isIncomplete(group: Resource): boolean {
    if (this.#read.has(group.id)) return false;
    if (this.#shownIn === 'by_id') return true;
    const shown = new Set([...membersOf(group)].map(foldCase));
    return this.#membersBefore(group.id)?.some((key) => !shown.has(foldCase(key))) === true;
  }

  /** Whether the list hides the members of a group, as far as it is known. */
  #isHidden(group: Resource): boolean {
    return this.#shownIn === 'by_id' || membersOf(group).size === 0;
  }
}

function membersOf({ members }: Resource): ReadonlySet<string> {
  return new Set(Array.isArray(members) ? members.map(keyOfItem) : []);
}
