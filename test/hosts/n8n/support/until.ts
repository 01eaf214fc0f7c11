import { setTimeout as wait } from 'node:timers/promises';

/** Asks again and again until there is a response. @throws Error that says what was waited for, without a response in time. */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | undefined>,
  withinInMs = 60_000,
): Promise<Value> {
  const deadline = Date.now() + withinInMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`It did not come: ${what}`);
    await wait(100);
  }
}
