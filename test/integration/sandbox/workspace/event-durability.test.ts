import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { killAllDurable, killDurable, type Place, startDurable } from './durable-process.ts';
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

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-events-'));
});
afterEach(async () => {
  await killAllDurable();
  rmSync(folder, { recursive: true });
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
    dbFile: join(folder, 'workspace.db'),
    eventPollToken: pollToken,
    eventPolling: true,
    eventPushUrl: url,
  };
  let nth = 0;
  for (let round = 0; round < 6; round += 1) {
    const { child, place } = await startDurable(options);
    const { scimBaseUrl, adminUrl } = place;
    let isKilled = false;
    let done = 0;
    // The kill follows a number of acknowledged changes, whatever the others do then.
    const enough = 30 + Math.floor(Math.random() * 90);
    const make = async (method: string, path: string, body?: object, token = 'durable') => {
      const answer = await send(method, (token === 'admin' ? adminUrl : scimBaseUrl) + path, token, body);
      expect(answer.status).toBeLessThan(300);
      done += 1;
      if (done === enough) {
        isKilled = true;
        child.kill('SIGKILL');
      }
      return answer;
    };
    const patch = (value: object) => ({ schemas: [patchUrn], Operations: [{ op: 'replace', value }] });
    const work = async (kind: number): Promise<void> => {
      const members = [];
      while (!isKilled) {
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
    // Requests in flight at the kill fail; nothing may fail before it.
    const unlessKilled = (error: unknown): void => {
      if (!isKilled) throw error;
    };
    const workers = Array.from({ length: 6 }, (_, kind) => work(kind % 3).catch(unlessKilled));
    await Promise.all([...workers, poll(place, take, () => isKilled).catch(unlessKilled)]);
    await killDurable(child);
  }

  const { place } = await startDurable(options);
  await poll(place, take, (given) => given === 0);
  await vi.waitFor(
    async () => {
      const { body } = await send('GET', `${place.adminUrl}/event-streams`, 'admin');
      expect(body).toEqual({ push: { pending: 0, fault: null }, poll: { pending: 0, fault: null } });
    },
    { timeout: 30_000, interval: 20 },
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
