import { expect, it } from 'vitest';
import { openOAuthBench } from '../../../support/open-oauth-bench.ts';
import { runManyActions } from '../../../support/run-many-actions.ts';

it('serves 10,000 actions, 32 at once, over access tokens of five seconds, with one token request per renewal', async () => {
  const bench = await openOAuthBench();
  try {
    const { failures, requested, expired, rejected } = await runManyActions(bench, 10_000);

    expect(failures).toEqual([]);
    expect(requested).toBeGreaterThanOrEqual(expired);
    expect(requested).toBeLessThanOrEqual(Math.ceil((expired + 1) * 1.25) + 1 + rejected);
  } finally {
    await bench.close();
  }
});
