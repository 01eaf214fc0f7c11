import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../connector/platform.ts';
import type { ApplyJournal, JournalRecord } from '../../../sync/journal.ts';
import type { Plan } from '../../../sync/plan.ts';
import { planRevert } from '../../../sync/revert-plan.ts';
import { type MemoryDirectory, openMemoryDirectory } from '../../support/memory-directory.ts';
import { definition } from '../../support/open-test-session.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A person of the property: who exists, who is desired, and what is desired of whom. */
interface Person {
  readonly exists: boolean;
  readonly isDesired: boolean;
  readonly isOwned: boolean;
  readonly isActive: boolean;
  readonly before: Details;
  readonly after: Details;
}

interface Details {
  readonly title: string | null;
  readonly department: string | null;
  readonly groups: readonly string[];
}

const groupNames = ['Analysts', 'Builders', 'Cooks'];
const text = fc.constantFrom(null, 'a', 'b', 'ä');
const details: fc.Arbitrary<Details> = fc.record({
  title: text,
  department: text,
  groups: fc.subarray(groupNames),
});
const person: fc.Arbitrary<Person> = fc.record({
  exists: fc.boolean(),
  isDesired: fc.boolean(),
  isOwned: fc.boolean(),
  isActive: fc.boolean(),
  before: details,
  after: details,
});
const people = fc.array(person, { maxLength: 9 });

/** What becomes of a request that changes something. */
type Fault = 'none' | 'refused' | 'throttled' | 'unreachable' | 'lost' | 'late';
const faults = fc.array(
  fc.constantFrom<Fault>('none', 'none', 'none', 'refused', 'throttled', 'unreachable', 'lost', 'late'),
  { maxLength: 30 },
);
const options = {
  ownedBy: { externalIdPrefix: 'hr-' },
  groups: groupNames,
  // The safeguard has tests of its own: here, everything is approved.
  massChangeLimit: 1_000,
};

const userNameOf = (index: number): string => `person-${index}@example.com`;
const externalIdOf = (index: number, { isOwned }: Person): string | undefined =>
  isOwned ? `hr-${index}` : undefined;

function fill(all: readonly Person[]): MemoryDirectory {
  const directory = openMemoryDirectory();
  const members = new Map(groupNames.map((name) => [name, [] as string[]]));
  for (const [index, one] of all.entries()) {
    if (!one.exists) continue;
    const { title, department, groups } = one.before;
    const externalId = externalIdOf(index, one);
    const id = directory.addUser({
      userName: userNameOf(index),
      active: one.isActive,
      ...(externalId !== undefined && { externalId }),
      ...(title !== null && { title }),
      ...(department !== null && { [enterprise]: { department } }),
    });
    for (const name of groups) members.get(name)?.push(id);
  }
  for (const [name, ids] of members) directory.addGroup(name, ids);
  return directory;
}

const desiredRows = (all: readonly Person[]) =>
  all.flatMap(({ isDesired, after: { title, department, groups } }, index) =>
    isDesired
      ? [
          {
            userName: userNameOf(index),
            externalId: `hr-${index}`,
            title,
            [enterprise]: { department },
            groups,
          },
        ]
      : [],
  );

/** The state that must result, computed from the people alone. @param refused those whose attributes stay as they are */
function expectedOf(all: readonly Person[], refused: ReadonlySet<number> = new Set()): readonly unknown[] {
  return all.flatMap((one, index) => {
    if (!one.exists && !one.isDesired) return [];
    const isAsDesired = one.isDesired && !refused.has(index);
    const { title, department } = isAsDesired ? one.after : one.before;
    const { groups } = one.isDesired ? one.after : one.before;
    return [
      {
        userName: userNameOf(index),
        externalId: isAsDesired ? `hr-${index}` : externalIdOf(index, one),
        active: isAsDesired || (one.isActive && (one.isDesired || !one.isOwned)),
        title: title ?? undefined,
        department: department ?? undefined,
        groups: groups.toSorted(),
      },
    ];
  });
}

function stateOf({ users, groups }: MemoryDirectory): readonly unknown[] {
  const byName = [...users.values()].toSorted((one, other) =>
    String(one.userName) < String(other.userName) ? -1 : 1,
  );
  return byName.map(({ id, userName, externalId, active, title, [enterprise]: extension }) => ({
    userName,
    externalId,
    active,
    title,
    department: Object(extension).department,
    groups: [...groups.values()]
      .filter(({ members = [] }) => (members as { value: string }[]).some(({ value }) => value === id))
      .map(({ displayName }) => displayName)
      .toSorted(),
  }));
}

function memoryJournal(): ApplyJournal & { readonly records: JournalRecord[] } {
  const records: JournalRecord[] = [];
  return { records, append: async (more) => void records.push(...more) };
}

const planFor = (directory: MemoryDirectory, all: readonly Person[]): Promise<Plan> =>
  directory.session.plan({ source: 'people', rows: desiredRows(all) }, options);

/** A plan as it is after it was stored. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('a plan that is applied', () => {
  it('makes exactly the desired state, and a second plan is empty', async () => {
    await fc.assert(
      fc.asyncProperty(people, async (all) => {
        const directory = fill(all);
        // Nobody of the source is there: that is held, and tested elsewhere.
        const isEmptied =
          all.some((one) => one.exists && one.isOwned && one.isActive) &&
          !all.some((one) => one.isDesired && one.exists && one.isOwned && one.isActive);
        const plan = stored(await planFor(directory, all));
        const { counts } = await directory.session.apply(plan, { approve: plan.holds.map(({ id }) => id) });
        expect(counts.changed).toBe(plan.changes.length);
        expect(plan.holds.length > 0).toBe(isHalved(all) || isEmptied ? plan.changes.length > 0 : false);
        expect(stateOf(directory)).toEqual(expectedOf(all));
        expect((await planFor(directory, all)).changes).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('is reverted to exactly the state before', async () => {
    await fc.assert(
      fc.asyncProperty(people, async (all) => {
        const directory = fill(all);
        const before = stored(stateOf(directory));
        const plan = await planFor(directory, all);
        const journal = memoryJournal();
        await directory.session.apply(plan, { journal, approve: plan.holds.map(({ id }) => id) });
        const wayBack = stored(planRevert(definition, stored(journal.records)));
        const { counts } = await directory.session.apply(wayBack, {});
        expect(counts.changed).toBe(wayBack.changes.length);
        expect(stored(stateOf(directory))).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it('makes each change once when it is interrupted at any request and run again', async () => {
    await fc.assert(
      fc.asyncProperty(people, fc.nat({ max: 12 }), fc.boolean(), async (all, crashAt, isSent) => {
        const directory = fill(all);
        const plan = await planFor(directory, all);
        const approve = plan.holds.map(({ id }) => id);
        const journal = memoryJournal();
        let writes = 0;
        // The process ends at this request: before it, or once the provider has made the change.
        directory.onWrite = () => {
          writes += 1;
          if (writes <= crashAt) return undefined;
          if (!isSent || writes > crashAt + 1) throw new Crash();
          crashNow = true;
          return undefined;
        };
        let crashNow = false;
        const dying: ApplyJournal = {
          records: journal.records,
          append: async (records) => {
            if (crashNow) throw new Crash();
            await journal.append(records);
          },
        };
        await directory.session.apply(plan, { journal: dying, approve }).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
        });
        directory.onWrite = () => undefined;
        const { counts } = await directory.session.apply(plan, { journal, approve });
        expect(counts.failed + counts.refused + counts.waiting).toBe(0);
        expect(stateOf(directory)).toEqual(expectedOf(all));
        const done = journal.records
          .filter(({ type }) => type === 'done')
          .map((record) => 'id' in record && record.id);
        expect(new Set(done).size).toBe(done.length);
        await directory.session.apply(planRevert(definition, journal.records), {});
        expect(stateOf(directory)).toEqual(stateOf(fill(all)));
      }),
      { numRuns: 60 },
    );
  });

  it('makes each change once when requests fail, and responses are lost', async () => {
    await fc.assert(
      fc.asyncProperty(people, faults, async (all, given) => {
        const directory = fill(all);
        const plan = await planFor(directory, all);
        const approve = plan.holds.map(({ id }) => id);
        const journal = memoryJournal();
        play(directory, given);
        const { results } = await directory.session.apply(plan, { journal, approve });
        play(directory, []);
        // What is reported as changed is never made again.
        const changed = new Set(
          results.filter(({ outcome }) => outcome === 'changed').map(({ change }) => change.id),
        );
        const again = await directory.session.apply(plan, { journal, approve });
        expect(again.counts.failed + again.counts.refused + again.counts.waiting).toBe(0);
        const made = again.results
          .filter(({ outcome }) => outcome === 'changed')
          .map(({ change }) => change.id);
        expect(made.filter((id) => changed.has(id))).toEqual([]);
        expect(stateOf(directory)).toEqual(expectedOf(all));
        await directory.session.apply(planRevert(definition, journal.records), {});
        expect(stateOf(directory)).toEqual(stateOf(fill(all)));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses users whom someone else has changed in the same attribute since, and changes all others', async () => {
    await fc.assert(
      fc.asyncProperty(people, fc.array(fc.nat({ max: 8 })), async (all, others) => {
        const directory = fill(all);
        const plan = await planFor(directory, all);
        for (const user of directory.users.values())
          if (others.some((index) => userNameOf(index) === user.userName))
            directory.users.set(String(user.id), { ...user, title: 'Promoted' });
        const { counts, results } = await directory.session.apply(plan, {
          approve: plan.holds.map(({ id }) => id),
        });
        const refused = new Set(
          all.flatMap(({ exists, isDesired, before, after }, index) =>
            exists && isDesired && others.includes(index) && before.title !== after.title ? [index] : [],
          ),
        );
        expect(counts.refused).toBe(refused.size);
        for (const { outcome, message } of results)
          if (outcome === 'refused') expect(message).toContain('is now "Promoted"');
        const wanted = all.map((one, index) => {
          const isPromoted = one.exists && others.includes(index);
          const details = { ...one.after, ...(isPromoted && { title: 'Promoted' }) };
          return {
            ...one,
            before: { ...one.before, ...(isPromoted && { title: 'Promoted' }) },
            after: details,
          };
        });
        expect(stateOf(directory)).toEqual(expectedOf(wanted, refused));
      }),
      { numRuns: 60 },
    );
  });
});

/** Plays one fault for each request that changes something; afterwards, all goes well. */
function play(directory: MemoryDirectory, given: readonly Fault[]): void {
  const left = [...given];
  let now: Fault = 'none';
  directory.onWrite = () => {
    now = left.shift() ?? 'none';
    if (now === 'refused') return { status: 500, body: '' };
    if (now === 'throttled') return { status: 429, headers: { 'retry-after': '1' }, body: '' };
    if (now === 'unreachable')
      throw new TransportError('ECONNREFUSED', 'no connection', { maybeSent: false, isTransient: true });
    return undefined;
  };
  // The change is made, and nobody hears of it.
  directory.afterWrite = () => {
    if (now === 'lost')
      throw new TransportError('ECONNRESET', 'the connection broke', { maybeSent: true, isTransient: true });
    return now === 'late' ? { status: 504, body: '' } : undefined;
  };
}

class Crash extends Error {
  override readonly name = 'Crash';
}

/** Whether the desired state has less than half of the owned users who are active. */
function isHalved(all: readonly Person[]): boolean {
  const owned = all.filter((one) => one.exists && one.isOwned && one.isActive);
  const described = owned.filter(({ isDesired }) => isDesired);
  return owned.length >= 3 && described.length < owned.length / 2;
}
