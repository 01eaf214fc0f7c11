import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  killAll,
  killUnderLoad,
  type Load,
  type Place,
  startSandboxProcess,
} from '../../../support/kill-harness.ts';
import { seededRandom } from '../../../support/random-changes.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import {
  auditedNumbers,
  eventsOf,
  numberOf,
  pollToken,
  type SetClaims,
  startReceiver,
  verifySet,
} from './event-fixture.ts';
import { comparable, createMirror } from './event-mirror.ts';
import { groupUrn, patchUrn, send, userUrn } from './workspace-fixture.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await killAll();
  folder[Symbol.dispose]();
});

/** A poller that acknowledges with each poll what the last one gave. */
async function poll(
  { eventPollUrl }: Place,
  take: (set: string) => void,
  isOver: (given: number) => boolean,
): Promise<void> {
  for (let ack: readonly string[] = []; ; ) {
    const request = { ack, maxEvents: 7, returnImmediately: true };
    const { sets } = (await send('POST', eventPollUrl, pollToken, request)).body;
    for (const set of Object.values<string>(sets)) take(set);
    ack = Object.keys(sets);
    if (isOver(ack.length)) return;
  }
}

/** The SETs without those that came again, in the order in which each came first. */
async function withoutRepeats(sets: readonly string[], place: Place): Promise<readonly SetClaims[]> {
  const first = new Map<string, SetClaims>();
  for (const set of sets) {
    const claims = await verifySet(set, place);
    const known = first.get(claims.jti);
    if (known === undefined) first.set(claims.jti, claims);
    else expect({ ...claims, iat: 0 }).toEqual({ ...known, iat: 0 });
  }
  return [...first.values()];
}

it('14. security events: kill -9 under load loses none, half-applies none, and changes no order', async () => {
  const { url, accepted } = await startReceiver();
  const polled: string[] = [];
  const take = (set: string): void => {
    polled.push(set);
  };
  const options = {
    dbFile: folder.file('workspace.db'),
    eventPollToken: pollToken,
    eventPolling: true,
    eventPushUrl: url,
  };
  const random = seededRandom(1);
  let nth = 0;
  for (let round = 0; round < 6; round += 1) {
    const { child, place } = await startSandboxProcess(options);
    const { scimBaseUrl, adminUrl } = place;
    const patch = (value: object) => ({ schemas: [patchUrn], Operations: [{ op: 'replace', value }] });
    const work = async (kind: number, load: Load): Promise<void> => {
      const make = async (method: string, path: string, body?: object, token = 'durable') => {
        const answer = await send(method, (token === 'admin' ? adminUrl : scimBaseUrl) + path, token, body);
        expect(answer.status).toBeLessThan(300);
        load.acknowledge();
        return answer;
      };
      const members = [];
      while (!load.isKilled) {
        nth += 1;
        const user = { schemas: [userUrn], userName: `u${nth}@example.com` };
        const { id } = (await make('POST', '/Users', user)).body;
        await make('PATCH', `/Users/${id}`, patch({ title: `t${nth}`, active: nth % 2 === 0 }));
        if (kind === 0) {
          await make('PATCH', `/members/${id}`, { roles: { dev: 'Admin' } }, 'admin');
        } else if (kind === 1) {
          await make('DELETE', `/Users/${id}`);
        } else {
          members.push({ value: id });
          const group = { schemas: [groupUrn], displayName: `g${nth}`, members };
          const made = (await make('POST', '/Groups', group)).body;
          await make('PATCH', `/Groups/${made.id}`, patch({ members: members.slice(1) }));
        }
      }
    };
    const workers = Array.from({ length: 6 }, (_, kind) => (load: Load) => work(kind % 3, load));
    const poller = (load: Load) => poll(place, take, () => load.isKilled);
    await killUnderLoad(child, 30 + Math.floor(random() * 90), [...workers, poller]);
  }

  const { place } = await startSandboxProcess(options);
  await poll(place, take, (given) => given === 0);
  await vi.waitFor(
    async () => {
      const { body } = await send('GET', `${place.adminUrl}/event-streams`, 'admin');
      expect(body).toEqual({ push: { pending: 0, fault: null }, poll: { pending: 0, fault: null } });
    },
    { timeout: 120_000, interval: 20 },
  );
  const numbers = await auditedNumbers(place);
  expect(numbers.length).toBeGreaterThan(100);
  for (const sets of [polled, accepted]) {
    const claims = await withoutRepeats(sets, place);
    expect(claims.map(numberOf)).toEqual(numbers);
    const mirror = createMirror();
    for (const one of claims) mirror.take(one);
    for (const [uri, mirrored] of Object.entries(mirror.shown())) {
      const { status, body } = await send('GET', place.scimBaseUrl + uri, 'durable');
      expect([status, comparable(body)]).toEqual([200, mirrored]);
    }
    const gone = claims.filter((one) => 'delete' in eventsOf(one));
    for (const { sub_id } of gone) {
      expect((await send('GET', place.scimBaseUrl + sub_id.uri, 'durable')).status).toBe(404);
    }
  }
});
