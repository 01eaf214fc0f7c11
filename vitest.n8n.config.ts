import { defineConfig } from 'vitest/config';

/** The tests that need the real n8n engine: `npm run test:n8n`. */
export default defineConfig({
  test: {
    include: ['test/hosts/n8n/**/*.engine.ts'],
    // Each starts an n8n of its own, and the machine may be small.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
