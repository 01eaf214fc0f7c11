import { describe, expect, it } from 'vitest';
import { useSandbox } from '../../support/use-sandbox.ts';
import { call, dataOf, eras, openClient, textOf, yes } from './support/open-client.ts';

const running = useSandbox();

const usersOf = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({ userName: `user${index}@example.com` }));

const planIn = (result: Parameters<typeof dataOf>[0]): string => (dataOf(result) as { plan: string }).plan;

describe.each(eras)('a plan for a client of %s', (era) => {
  it('is named by its ID if it is large, and is previewed and applied by that', async () => {
    await using open = await openClient(running, { era, answer: yes });
    const planned = await call(open.client, 'plan_sync', { users: usersOf(30) });
    const plan = planIn(planned);

    const preview = await call(open.client, 'preview_action', { action: 'apply_sync', input: { plan } });
    const applied = await call(open.client, 'apply_sync', { plan });

    expect(plan).toMatch(/^plan-[0-9a-f]{16}$/);
    expect(planned.structuredContent).toMatchObject({ planId: plan, plan });
    expect(dataOf(preview)).toMatchObject({ outcome: 'change' });
    expect(dataOf(applied)).toMatchObject({ planId: plan, counts: { changed: 30 } });
  });
});

it('a plan is passed on whole if it is small, so that any server can apply it', async () => {
  const users = usersOf(2);
  await using one = await openClient(running);
  const plan = planIn(await call(one.client, 'plan_sync', { users }));
  await using other = await openClient(running, { answer: yes });

  expect(dataOf(await call(other.client, 'apply_sync', { plan }))).toMatchObject({ counts: { changed: 2 } });
});

it('a plan that another server has kept must be made again', async () => {
  await using one = await openClient(running);
  const plan = planIn(await call(one.client, 'plan_sync', { users: usersOf(30) }));
  await using other = await openClient(running, { answer: yes });

  for (const result of [
    await call(other.client, 'apply_sync', { plan }),
    await call(other.client, 'preview_action', { action: 'apply_sync', input: { plan } }),
  ]) {
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain('plan again');
  }
});
