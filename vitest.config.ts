import { defineConfig } from 'vitest/config';

const ofWorkato = 'test/hosts/workato/**/*.test.ts';

export default defineConfig({
  test: {
    typecheck: { enabled: false },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'node', include: ['test/**/*.test.ts'], exclude: [ofWorkato] } },
      // What Workato runs is Ruby, so that these need it.
      {
        extends: true,
        test: { name: 'workato', include: [ofWorkato], globalSetup: ['test/setup/install-ruby.ts'] },
      },
    ],
  },
});
