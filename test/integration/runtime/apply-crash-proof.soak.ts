import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createConnector, type Plan } from '../../../runtime/index.ts';
import { readJournalFile } from '../../../runtime/node/journal-file.ts';
import { kill, killAll, startSandboxProcess, trackProcess } from '../../support/kill-harness.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

afterEach(killAll);

const kills = 200;
const applyScript = new URL('../../support/apply-process.ts', import.meta.url);

describe('an apply that is killed again and again', () => {
  it('makes each change once, and is reverted to exactly the state before', async () => {
    using folder = temporaryFolder();
    const { place } = await startSandboxProcess({});
    const { scimBaseUrl: baseUrl } = place;
    const token = 'durable';
    await using connector = createConnector({ baseUrl, token });
    const known = Array.from({ length: 300 }, (_, index) => ({
      userName: `user${index}@example.com`,
      externalId: `hr-${index}`,
      title: 'Analyst',
    }));
    await connector.actions.bulk_users({ action: 'create_user', rows: known });
    await connector.actions.create_group({ displayName: 'Engineering' });
    const stateOf = async (): Promise<unknown> => {
      const users: unknown[] = [];
      for await (const { userName, title, active, groups = [] } of connector.stream.search_users({}))
        users.push([userName, title, active, groups.map(({ display }) => display)]);
      return users.toSorted((one, other) => (String(one) < String(other) ? -1 : 1));
    };
    const before = await stateOf();
    const desired = [
      ...known.slice(0, 280).map((user) => ({ ...user, title: 'Boss', groups: ['Engineering'] })),
      ...Array.from({ length: 200 }, (_, index) => ({
        userName: `new${index}@example.com`,
        externalId: `hr-new-${index}`,
        groups: ['Engineering'],
      })),
    ];
    const options = { ownedBy: { externalIdPrefix: 'hr-' }, massChangeLimit: 1_000 };
    const plan: Plan = await connector.plan({ users: desired }, options);
    const journal = folder.file('people.journal');

    let killed = 0;
    for (let delay = 0; killed < kills; delay = (delay + 7) % 90) {
      const child = trackProcess(fork(applyScript, { execArgv: [], stdio: 'ignore' }));
      child.send({ baseUrl, token, plan, journal });
      // It says when it begins; from then on, it can be killed at any moment.
      const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
      if (message !== 'begun') break;
      await sleep(delay);
      if (child.exitCode !== null) break;
      await kill(child);
      killed += 1;
    }
    await connector.apply(plan, { journal });

    expect((await connector.plan({ users: desired }, options)).changes).toEqual([]);
    const records = await readJournalFile(journal);
    const done = records
      .filter(({ type }) => type === 'done')
      .map((record) => ('id' in record ? record.id : ''));
    expect(done.toSorted()).toEqual(plan.changes.map(({ id }) => id).toSorted());
    const wayBack = await connector.planRevert(journal);
    const { counts } = await connector.apply(wayBack);
    expect(counts.changed).toBe(plan.changes.length);
    expect(await stateOf()).toEqual(before);
  }, 600_000);
});
