import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const workato = 'test/hosts/workato/**/*.test.ts';

/** Each suite is a project, run by a command of its own: see scripts/suites/suites.ts. */
export default defineConfig({
  test: {
    typecheck: { enabled: false },
    // For tests that start processes or wait for the disk on a busy machine. Speed is never asserted.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 120_000 } },
    // On two cores, vitest's default is one worker: the other core would idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [workato],
          globalSetup: 'test/support/provide-cli.ts',
        },
      },
      { extends: true, test: { name: 'workato', include: [workato] } },
      { extends: true, test: { name: 'servers', include: ['test/**/*.server.ts'] } },
      { extends: true, test: { name: 'mcp', include: ['test/**/*.mcp.ts'] } },
      { extends: true, test: { name: 'zapier', include: ['test/hosts/zapier/**/*.app.ts'] } },
      { extends: true, test: { name: 'activepieces', include: ['test/hosts/activepieces/**/*.piece.ts'] } },
      {
        extends: true,
        // They start hundreds of processes, which takes an hour if the machine has much else to do.
        test: { name: 'soak', include: ['test/**/*.soak.ts'], testTimeout: 3_600_000 },
      },
      {
        extends: true,
        test: {
          name: 'n8n',
          include: ['test/hosts/n8n/**/*.engine.ts', 'test/**/*.browser.ts'],
          // Each file starts an n8n of its own, and the machine may be small.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
