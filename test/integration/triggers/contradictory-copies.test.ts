import { expect, it, onTestFinished } from 'vitest';
import { answerUsers, contradictoryLists } from '../../support/contradictory-copies.ts';
import { startListServer } from '../../support/start-list-server.ts';

it.each(contradictoryLists)(
  'a poll reads a user with contradictory copies by ID before it reports anything: one $name',
  async ({ copies, byId, events }) => {
    let list = { copies: [true] as readonly boolean[], byId: true as boolean | number };
    const server = await startListServer((request) => answerUsers(request, list.copies, list.byId));
    onTestFinished(() => server.close());
    const { user_deprovisioned: trigger } = server.connector.triggers;
    const first = await trigger.poll({ strategy: 'snapshot' });
    list = { copies, byId };
    const second = await trigger.poll({ strategy: 'snapshot' }, first.cursor);
    expect(second.events.map(({ type }) => type)).toEqual(events);
    expect(server.logged).toContainEqual(
      expect.objectContaining({ event: 'contradictory_copies_listed', ids: ['1'] }),
    );

    // What was not reported is still known: a list without contradictions is compared with it.
    list = { copies: [false], byId: false };
    const third = await trigger.poll({ strategy: 'snapshot' }, second.cursor);
    expect(third.events.map(({ type }) => type)).toEqual(events.length === 0 ? ['deactivate'] : []);
  },
);

it('a poll sends no request for a user whose copies are the same', async () => {
  const server = await startListServer((request) => answerUsers(request, [true, true], true));
  onTestFinished(() => server.close());
  const { user_deprovisioned: trigger } = server.connector.triggers;
  const first = await trigger.poll({ strategy: 'snapshot' });
  const before = server.asked.length;
  await trigger.poll({ strategy: 'snapshot' }, first.cursor);
  expect(server.asked.slice(before).map(({ line }) => line)).not.toContain('GET /Users/1');
});
