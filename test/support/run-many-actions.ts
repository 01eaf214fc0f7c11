import { mapConcurrently } from '../../connector/map-concurrently.ts';
import type { OAuthBench } from './open-oauth-bench.ts';

/** What a run of many actions over short-lived tokens shows. */
export interface ManyActions {
  readonly failures: readonly unknown[];
  /** Token requests that the client sent. */
  readonly requested: number;
  /** Tokens that expired during the run. */
  readonly expired: number;
  /** Tokens that the provider rejected. */
  readonly rejected: number;
}

/** Runs actions, 32 at once, while the clock advances by 10 ms with each. */
export async function runManyActions(bench: OAuthBench, count: number): Promise<ManyActions> {
  const { session, clock, logged } = bench;
  const user = (await session.runAction('create_user', { userName: 'ada@example.com' })) as { id: string };
  const startedAtInMs = clock.now();
  const failures: unknown[] = [];
  await mapConcurrently(
    Array.from({ length: count }, (_, index) => index),
    32,
    async (index) => {
      await clock.sleep(10);
      const key = index % 10 === 0 ? 'update_user' : 'get_user';
      const change = index % 10 === 0 ? { title: `Title ${index}` } : {};
      await session
        .runAction(key, { user: { id: user.id }, ...change })
        .catch((error: unknown) => failures.push(error));
    },
  );
  const eventsOf = (name: string): number => logged.filter(({ event }) => event === name).length;
  return {
    failures,
    requested: eventsOf('token_requested'),
    expired: Math.floor((clock.now() - startedAtInMs) / 5_000),
    rejected: eventsOf('credential_rejected'),
  };
}
