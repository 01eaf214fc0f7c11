import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { isRecord } from '../schemas/is-record.ts';
import { isNothing } from '../scim/canonical.ts';
import { foldCase } from '../scim/fold-case.ts';
import { isStored } from '../scim/schema/attribute.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { type JournaledChange, type JournalRecord, type JournalStart, readJournal } from './journal.ts';
import {
  type AttributeChange,
  changedUser,
  countChanges,
  kindOfUpdate,
  nameOfUser,
  type Plan,
  type PlannedChange,
  type PlannedUser,
  type UserChange,
} from './plan.ts';
import { idOfPlan } from './plan-users.ts';
import { shortPath } from './row-texts.ts';
import { syncedResources } from './synced-resources.ts';

/**
 * What of a journal is reverted.
 *
 * @example
 * ```ts
 * const wayBack = await connector.planRevert('people.journal', { only: 'ada@example.com' } satisfies RevertOptions);
 * ```
 */
export interface RevertOptions {
  /** A user, by username, external ID, or ID. Default: everyone. */
  readonly only?: string | undefined;
}

/**
 * Plans the way back from a journal: the changes that it has, the last one first. Like every plan, it is refused for a
 * user who has changed since.
 *
 * @throws ConnectorError `invalid_input` if the records are no journal, `not_found` if it has no change of the user
 */
export function planRevert(
  definition: ConnectorDefinition,
  records: readonly JournalRecord[],
  { only }: RevertOptions = {},
): Plan {
  const [start] = records;
  if (start?.type !== 'start')
    throw invalidInput([{ path: 'journal', message: 'does not begin with a plan' }]);
  const reverter = new Reverter(definition, only);
  for (const [id, change] of [...readJournal(records)].reverse()) reverter.revert(id, change);
  if (only !== undefined && reverter.users.size === 0)
    throw new ConnectorError('not_found', {
      what: `The journal has no change of a user "${only}".`,
      nextStep: 'Pass the username, external ID, or ID of one of its users.',
    });
  const plan: Omit<Plan, 'id'> = {
    version: 1,
    // The way back from a journal is the same plan each time, so that an interrupted one is resumed.
    createdAt: start.at,
    baseUrl: start.baseUrl,
    source: `the journal of ${start.planId}`,
    read: { desired: reverter.users.size, users: reverter.users.size, owned: 0, ...witnessesOf(start) },
    counts: countChanges(reverter.changes),
    unchanged: 0,
    untouchable: 0,
    changes: reverter.changes,
    holds: [],
    problems: reverter.problems.map((message) => ({ rows: [], message })),
    notes: reverter.notes,
  };
  return { ...plan, id: idOfPlan(plan) };
}

/** The way back is for the same directory. */
function witnessesOf({ witnesses }: JournalStart): Pick<Plan['read'], 'witnesses'> {
  return witnesses === undefined ? {} : { witnesses };
}

class Reverter {
  readonly changes: PlannedChange[] = [];
  readonly problems: string[] = [];
  readonly notes: string[] = [];
  /** The names of the reverted users. */
  readonly users = new Set<string>();
  readonly #definition: ConnectorDefinition;
  readonly #only: string | undefined;
  /** The change after which a username is free, by the username. */
  readonly #freedBy = new Map<string, string>();
  /** The last change of a user, by ID. */
  readonly #lastOf = new Map<string, string>();

  constructor(definition: ConnectorDefinition, only: string | undefined) {
    this.#definition = definition;
    this.#only = only === undefined ? undefined : foldCase(only);
  }

  revert(changeId: string, { sending, done }: JournaledChange): void {
    if (sending === undefined) return;
    const { kind, user, group, attributes = [], before } = sending;
    const id = `revert ${changeId}`;
    if (kind === 'create_group' || kind === 'delete_group') {
      if (this.#only !== undefined || group === undefined) return;
      if (kind === 'delete_group')
        this.changes.push({ id, kind: 'create_group', group: { displayName: group.displayName } });
      else if (done?.createdId === undefined) this.#openProblem(`the group ${group.displayName}`);
      else this.changes.push({ id, kind: 'delete_group', group: { ...group, id: done.createdId } });
      return;
    }
    const changed =
      user === undefined
        ? undefined
        : { ...user, ...(done?.createdId !== undefined && { id: done.createdId }) };
    if (changed === undefined || !this.#isWanted(changed, attributes)) return;
    this.users.add(nameOfUser(changed));
    if (kind === 'join' || kind === 'leave') {
      if (group === undefined) return;
      this.changes.push({ id, kind: kind === 'join' ? 'leave' : 'join', user: changed, group });
      return;
    }
    const shown = new Map(done?.after?.map((one) => [one.path, one.to]));
    const sent = new Set(attributes.map(({ path }) => path));
    const made = [
      ...attributes.map((one) => (shown.has(one.path) ? { ...one, to: shown.get(one.path) } : one)),
      ...(done?.after ?? []).filter(({ path }) => !sent.has(path)),
    ];
    const now = changedUser(changed, made);
    const back = made.filter(({ from, to }) => !isNothing(from) || !isNothing(to)).map(reversed);
    if (kind === 'create') {
      if (changed.id === undefined) this.#openProblem(nameOfUser(changed));
      else this.#add({ id, kind: 'delete', user: now, attributes: back });
    } else if (kind === 'delete' || done?.deleted !== undefined)
      this.#createAgain(id, changed, done?.deleted ?? before ?? {});
    else {
      for (const { path, from, to } of made)
        if (isNothing(from) && isNothing(to)) this.#hiddenProblem(nameOfUser(changed), path);
      if (back.length > 0) this.#add({ id, kind: kindOfUpdate(back), user: now, attributes: back });
    }
  }

  /** Adds a change, after the one that frees the username that it sets, and after the others of the same user. */
  #add(change: UserChange): void {
    const rename = change.attributes.find(({ path }) => path === 'userName');
    const userId = change.user.id ?? '';
    const after = [rename && this.#freedBy.get(nameKey(rename.to)), this.#lastOf.get(userId)].filter(
      (id) => id !== undefined,
    );
    this.changes.push({ ...change, ...(after.length > 0 && { after: [...new Set(after)] }) });
    if (rename !== undefined) this.#freedBy.set(nameKey(rename.from), change.id);
    if (userId !== '') this.#lastOf.set(userId, change.id);
  }

  #createAgain(id: string, { id: _, ...user }: PlannedUser, before: Readonly<Record<string, unknown>>): void {
    this.notes.push(`${nameOfUser(user)} was deleted. The user is created again, and gets another ID.`);
    const model = modelOf(syncedResources(this.#definition).users);
    const own = model.attributes.list.filter(isStored).map(({ name }) => [name, before[name]] as const);
    const extended = model.extensions.flatMap(({ id: urn, attributes }) => {
      const values = before[urn];
      const stored = isRecord(values) ? attributes.list.filter(isStored) : [];
      return stored.map(
        ({ name }) => [`${urn}:${name}`, isRecord(values) ? values[name] : undefined] as const,
      );
    });
    const attributes = [...own, ...extended]
      .filter(([, to]) => to !== undefined && to !== null)
      .map(([path, to]) => ({ path, from: null, to }));
    this.#add({ id, kind: 'create', user, attributes });
    for (const group of Array.isArray(before.groups) ? before.groups.filter(isRecord) : []) {
      if (typeof group.value !== 'string' || group.type === 'indirect') continue;
      this.changes.push({
        id: `${id} in ${group.value}`,
        kind: 'join',
        user: { ...user, createdBy: id },
        group: { id: group.value, displayName: String(group.display ?? group.value) },
        after: [id],
      });
    }
  }

  #isWanted(user: PlannedUser, attributes: readonly AttributeChange[]): boolean {
    if (this.#only === undefined) return true;
    const renamed = attributes.filter(({ path }) => path === 'userName').map(({ to }) => to);
    return [user.userName, user.externalId, user.id, ...renamed].some(
      (name) => typeof name === 'string' && foldCase(name) === this.#only,
    );
  }

  /** Nothing shows whether what is never shown is as it was before. */
  #hiddenProblem(name: string, path: string): void {
    this.problems.push(
      `${shortPath(path)} of ${name} is not reverted: the provider showed no value before the change or after it. Check it there.`,
    );
  }

  #openProblem(name: string): void {
    this.problems.push(
      `It is not known whether ${name} was created: the run ended before the response. Apply the plan again, then revert.`,
    );
  }
}

function reversed({ path, from, to, fromUserName, toUserName }: AttributeChange): AttributeChange {
  return {
    path,
    from: to,
    to: from,
    ...(toUserName !== undefined && { fromUserName: toUserName }),
    ...(fromUserName !== undefined && { toUserName: fromUserName }),
  };
}

function nameKey(userName: unknown): string {
  return typeof userName === 'string' ? foldCase(userName) : '';
}
