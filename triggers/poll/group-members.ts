import type { LogEntry } from '../../connector/platform.ts';
import type { PollPreset } from '../../connector/provider/habits.ts';
import type { Resource } from '../../connector/resource.ts';
import { keyOfItem } from '../../scim/canonical.ts';
import { lastModifiedInMs } from '../../scim/timestamps.ts';
import type { ByIdReader } from './by-id-reader.ts';

/**
 * Where a provider shows the members of a group: in lists, or only in a group that is read by ID. `unseen`: so far, no
 * group showed any.
 */
export type MembersShownIn = 'list' | 'by_id' | 'unseen';

/** The number of groups read by ID to find out whether that shows members that the list hides. */
const mostProbes = 20;

/** Completes listed groups with the members that the list hides, during one poll. */
export class GroupMembers {
  readonly #byId: ByIdReader;
  readonly #log: (entry: LogEntry) => void;
  readonly #hadMembers: (id: string) => boolean | undefined;
  readonly #before: MembersShownIn | undefined;
  readonly #read = new Map<string, Resource>();
  #shownIn: MembersShownIn | undefined;
  #groups = 0;

  /**
   * @param before the result of the last poll
   * @param hadMembers whether a group had members at the last poll; undefined if it is not known yet
   * @param preset what the profile of the provider says
   */
  constructor(
    byId: ByIdReader,
    log: (entry: LogEntry) => void,
    before: MembersShownIn | undefined,
    hadMembers: (id: string) => boolean | undefined,
    { readsMembersById }: PollPreset,
  ) {
    this.#byId = byId;
    this.#log = log;
    this.#before = before;
    this.#hadMembers = hadMembers;
    this.#shownIn = readsMembersById === true ? 'by_id' : before;
  }

  /** The result of this poll; undefined if there was no group. */
  get shownIn(): MembersShownIn | undefined {
    return this.#shownIn;
  }

  /** Reads the members that the list hides. Known groups that cannot be read are omitted: their snapshot stays. */
  async complete(listed: readonly Resource[]): Promise<readonly Resource[]> {
    if (listed.length === 0) return listed;
    this.#groups += listed.length;
    if (this.#shownIn === undefined || this.#shownIn === 'unseen') await this.#probe(listed);
    const ids = listed.filter((group) => this.#isIncomplete(group)).map(({ id }) => id);
    const results = await this.#byId.readAll(ids);
    const dropped = new Set<string>();
    for (const [index, id] of ids.entries()) {
      const result = results[index];
      if (result?.kind === 'found') this.#read.set(id, result.resource);
      else if (this.#hadMembers(id) !== undefined) dropped.add(id);
    }
    const completed = listed.flatMap((group) =>
      dropped.has(group.id) ? [] : [this.#read.get(group.id) ?? group],
    );
    this.#read.clear();
    return completed;
  }

  /** Logs once that members cannot be seen. */
  report(): void {
    if (this.#shownIn === this.#before) return;
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
    const bySize = listed.toSorted((one, other) => membersOf(other).size - membersOf(one).size);
    const largest = bySize[0];
    if (largest !== undefined && membersOf(largest).size > 0) {
      this.#shownIn = (await this.#showsMore(largest)) ? 'by_id' : 'list';
      return;
    }
    this.#shownIn = 'unseen';
    // Of groups without members in the list, the ones that changed last are the most likely to have some.
    const candidates = listed
      .toSorted((one, other) => (lastModifiedInMs(other) ?? 0) - (lastModifiedInMs(one) ?? 0))
      .slice(0, mostProbes);
    for (const group of candidates) {
      if (!(await this.#showsMore(group))) continue;
      this.#shownIn = 'by_id';
      return;
    }
  }

  async #showsMore(group: Resource): Promise<boolean> {
    const result = await this.#byId.read(group.id);
    if (result.kind !== 'found') return false;
    this.#read.set(group.id, result.resource);
    const shown = membersOf(group);
    return [...membersOf(result.resource)].some((key) => !shown.has(key));
  }

  /** A list may omit members: before they are reported to have left, the group is read by ID. */
  #isIncomplete(group: Resource): boolean {
    if (this.#read.has(group.id)) return false;
    return this.#shownIn === 'by_id' || (membersOf(group).size === 0 && this.#hadMembers(group.id) === true);
  }
}

function membersOf({ members }: Resource): ReadonlySet<string> {
  return new Set(Array.isArray(members) ? members.map(keyOfItem) : []);
}
