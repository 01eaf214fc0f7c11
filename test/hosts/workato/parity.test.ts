import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { parityStories, populate } from '../parity-stories.ts';
import { type BothOptions, runBoth } from './run-both.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

const acme = JSON.parse(
  readFileSync(new URL('../../../examples/overlays/acme.json', import.meta.url), 'utf8'),
);

// The overlay is there as it is for a user: by its file alone. No test knows the action that it adds.
const overlays = [acme];
const definition = compileManifest(loadManifest(overlays));

let ruby: RubyConnector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterAll(() => ruby.close());

const options = (): BothOptions => ({
  ruby,
  definition,
  overlays,
  sandbox: { userExtensions: acme.schemas },
});

describe.each(definition.actions)('$key', ({ key, sampleInput }) => {
  it.each([
    ['where nobody is', async () => undefined],
    ['where those whom it speaks of are', populate],
  ])('returns the same on Node and on Ruby, twice, %s', async (_, prepare) => {
    const { node, ruby: other } = await runBoth(async (run, world) => {
      await prepare(world);
      await run(key, sampleInput);
      await run(key, sampleInput);
      await run('search_users', {});
      await run('search_groups', {});
    }, options());

    expect(withoutConnection(other)).toEqual(withoutConnection(node));
    expect(node).toHaveLength(4);
  });
});

describe.each(definition.actions.filter(({ dryRun }) => dryRun !== undefined))(
  'a dry run of $key',
  ({ key, sampleInput }) => {
    it.each([
      ['where nobody is', async () => undefined],
      ['where those whom it speaks of are', populate],
    ])('returns the same on Node and on Ruby, and changes nothing, %s', async (_, prepare) => {
      const { node, ruby: other } = await runBoth(async (run, world) => {
        await prepare(world);
        await run('search_users', {});
        await run('search_groups', {});
        await run(key, sampleInput, { dryRun: true });
        await run('search_users', {});
        await run('search_groups', {});
      }, options());

      expect(withoutConnection(other)).toEqual(withoutConnection(node));
      expect(other.slice(3)).toEqual(other.slice(0, 2));
    });
  },
);

describe('beyond the samples', () => {
  it.each(Object.entries(parityStories))('%s', async (_, story) => {
    const { node, ruby: other } = await runBoth(async (run, world) => {
      await populate(world);
      await story(run, world);
    }, options());

    expect(withoutConnection(other)).toEqual(withoutConnection(node));
    expect(node.length).toBeGreaterThan(0);
  });
});

const aboutTheExchange = new Set(['connection', 'keep_alive', 'date', 'content_length']);

/** Leaves out the headers that are about the exchange: they differ with the client, the time and what is masked. */
function withoutConnection(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, item) => (aboutTheExchange.has(name) ? undefined : item)));
}
