import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, createConnector, type Plan } from '../../../runtime/index.ts';
import { readJournalFile } from '../../../runtime/node/journal-file.ts';
import { kill, killAll, startSandboxProcess, trackProcess } from '../../support/kill-harness.ts';
import { listen } from '../../support/listen.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

type Row = Readonly<Record<string, unknown>>;

const token = 'durable';
const options = { massChangeLimit: 1_000, createGroups: true, groups: 'all' } as const;
const indexes = Array.from({ length: 150 }, (_, index) => index);
const known: readonly Row[] = indexes.map((index) => ({
  userName: `user${index}@example.com`,
  externalId: `hr-${index}`,
  title: 'Analyst',
}));

let baseUrl: string;
let connector: Connector;
let folder: ReturnType<typeof temporaryFolder>;
let before: unknown;

beforeEach(async () => {
  folder = temporaryFolder();
  ({ scimBaseUrl: baseUrl } = (await startSandboxProcess({})).place);
  connector = createConnector({ baseUrl, token });
  await connector.actions.bulk_users({ action: 'create_user', rows: known as { userName: string }[] });
  before = await stateOf();
});

afterEach(async () => {
  connector.close();
  await killAll();
  folder[Symbol.dispose]();
});

/** Everybody with their groups, and the names of all groups. */
async function stateOf(): Promise<unknown> {
  const users: string[] = [];
  for await (const { userName, title, active, groups = [] } of connector.stream.search_users({}))
    users.push(JSON.stringify([userName, title, active, groups.map(({ display }) => display).toSorted()]));
  const groups: unknown[] = [];
  for await (const { displayName } of connector.stream.search_groups({})) groups.push(displayName);
  return { users: users.toSorted(), groups: groups.toSorted() };
}

/**
 * Starts a process again and again, and kills each at another moment after it has begun.
 *
 * @returns the number of kills, which is smaller than `kills` if a process has completed its work before
 */
async function killRepeatedly(kills: number, start: () => ChildProcess): Promise<number> {
  for (let killed = 0; killed < kills; killed += 1) {
    const child = trackProcess(start());
    // It says when it begins; from then on, it can be killed at any moment.
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    expect(message).toBe('begun');
    await sleep((killed * 7) % 90);
    if (child.exitCode !== null) return killed;
    await kill(child);
  }
  return kills;
}

const startScript = (name: string, order: object): ChildProcess => {
  const child = fork(new URL(`../../support/${name}`, import.meta.url), { execArgv: [], stdio: 'ignore' });
  child.send({ baseUrl, token, ...order });
  return child;
};

/** Applies a plan in processes that are killed, then to its end, and requires that its journal has each change once. */
async function applyUnderKills(plan: Plan, journal: string, kills: number): Promise<number> {
  const killed = await killRepeatedly(kills, () => startScript('apply-process.ts', { plan, journal }));
  const { counts, doneBefore } = await connector.apply(plan, { journal });
  expect(counts.changed + counts.unchanged + doneBefore).toBe(plan.changes.length);
  const done = (await readJournalFile(journal)).flatMap((one) => (one.type === 'done' ? [one.id] : []));
  expect(done.toSorted()).toEqual(plan.changes.map(({ id }) => id).toSorted());
  return killed;
}

/** What each round of a case wants. A case has as many rounds as its kills take. */
const cases: readonly {
  readonly what: string;
  readonly kills: number;
  readonly wanted: (round: number) => readonly Row[];
}[] = [
  {
    what: 'creates users',
    kills: 35,
    wanted: (round) => [
      ...known,
      ...Array.from({ length: 100 * (round + 1) }, (_, index) => ({
        userName: `new${index}@example.com`,
        externalId: `hr-new-${index}`,
      })),
    ],
  },
  {
    what: 'updates users',
    kills: 35,
    wanted: (round) => known.map((user) => ({ ...user, title: `Boss ${round}` })),
  },
  {
    what: 'deactivates and reactivates users',
    kills: 35,
    wanted: (round) => known.map((user, index) => ({ ...user, active: (index + round) % 2 === 0 })),
  },
  {
    what: 'creates groups, and moves their members',
    kills: 35,
    wanted: (round) =>
      known.map((user, index) => ({ ...user, groups: [`Team ${round}.${index % 5}`, `All ${round % 2}`] })),
  },
];

describe('an apply that is killed again and again', () => {
  it.each(cases)(
    'makes each change once where it $what, and is reverted to exactly the state before ($kills kills)',
    async ({ kills, wanted }) => {
      const journals: string[] = [];
      for (let killed = 0; killed < kills; ) {
        const desired = { users: wanted(journals.length) };
        const plan = await connector.plan(desired, options);
        const journal = folder.file(`${journals.length}.journal`);
        killed += await applyUnderKills(plan, journal, kills - killed);
        journals.push(journal);
        expect((await connector.plan(desired, options)).changes).toEqual([]);
      }
      for (const journal of journals.toReversed()) await connector.apply(await connector.planRevert(journal));
      expect(await stateOf()).toEqual(before);
    },
  );

  it('reverts each change once (30 kills)', async () => {
    for (let killed = 0, round = 0; killed < 30; round += 1) {
      const users = known.map((user, index) => ({
        ...user,
        title: 'Boss',
        active: index % 2 === 0,
        groups: ['Engineering'],
      }));
      const journal = folder.file(`${round}.journal`);
      await connector.apply(await connector.plan({ users }, options), { journal });
      const wayBack = await connector.planRevert(journal);
      killed += await applyUnderKills(wayBack, folder.file(`${round}.revert.journal`), 30 - killed);
      expect(await stateOf()).toEqual(before);
    }
  });

  it('reaches what a watch wants, and leaves the way back (30 kills)', async () => {
    let version = 0;
    const users = () =>
      known.map((user, index) => ({ ...user, title: `Boss ${version}`, active: (index + version) % 3 > 0 }));
    const { origin, close } = await listen((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(users()));
    });
    const journalDir = folder.file('journals');
    try {
      const killed = await killRepeatedly(30, () => {
        version += 1;
        return startScript('apply-watch-process.ts', { desired: `${origin}/people.json`, journalDir });
      });
      expect(killed).toBe(30);
      const last = trackProcess(
        startScript('apply-watch-process.ts', { desired: `${origin}/people.json`, journalDir }),
      );
      const remaining = async () => (await connector.plan({ users: users() }, options)).changes.length;
      await expect.poll(remaining, { timeout: 60_000, interval: 500 }).toBe(0);
      await kill(last);
    } finally {
      await close();
    }

    const paths = readdirSync(journalDir)
      .filter((name) => name.endsWith('.journal'))
      .map((name) => `${journalDir}/${name}`);
    const journals = await Promise.all(
      paths.map(async (path) => ({ path, at: String((await readJournalFile(path))[0]?.at) })),
    );
    for (const { path } of journals.toSorted((one, other) => (one.at < other.at ? 1 : -1)))
      await connector.apply(await connector.planRevert(path));
    expect(await stateOf()).toEqual(before);
  });
});
