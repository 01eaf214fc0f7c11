import { statSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { fakeEpochInMs } from '../support/fake-platform.ts';
import { createPollProvider } from '../support/poll-provider.ts';
import { seededRandom } from '../support/random-changes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const given = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'John', 'Radia', 'Ken'];
const family = ['Okafor', 'Nguyen', 'Schmidt', 'Rossi', 'Tanaka', 'Silva', 'Haddad', 'Kowalski', 'Berg'];

it('stores 10,000 users with random IDs in less than 60 bytes each', async () => {
  const random = seededRandom(3);
  const pick = (items: readonly string[]): string => items[Math.floor(random() * items.length)] ?? '';
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const provider = createPollProvider(0);
  const lastModified = new Date(fakeEpochInMs - 86_400_000).toISOString();
  provider.people = Array.from({ length: 10_000 }, () => ({
    id: `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
    userName: `${pick(given)}.${pick(family)}${Math.floor(random() * 1000)}@example.com`.toLowerCase(),
    active: random() < 0.95,
    title: pick(['Analyst', 'Engineer', 'Manager']),
    meta: { created: lastModified, lastModified },
  }));
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const file = folder.file('watch.state');
  const store = await openWatchStore(file);
  const { cursor, pages } = await provider.poll('user_deprovisioned', {}, { pages: store.pagesOf('poll') });
  await store.append({ origin: 'poll', cursor, pages, events: [] });
  store.close();
  expect(pages.size).toBeGreaterThan(1);
  expect(statSync(file).size / 10_000).toBeLessThan(60);
  expect(statSync(file).size / 10_000).toBeGreaterThan(16);
});
