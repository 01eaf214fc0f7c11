import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definition } from '../../support/open-test-session.ts';
import { providers, type RunningProvider } from '../../support/providers.ts';
import { scenarios } from './scenarios.ts';

describe.each(providers)('against $name', (provider) => {
  let running: RunningProvider;

  beforeEach(async () => {
    running = await provider.start();
  });

  afterEach(() => running.close());

  it.each(Object.entries(scenarios))('%s runs its scenario', async (_, scenario) => {
    await scenario(running.connector, provider.name);
  });
});

it('every action of the manifest has a scenario, which every provider runs', () => {
  expect(Object.keys(scenarios).toSorted()).toEqual(definition.actions.map(({ key }) => key).toSorted());
  expect(providers.map(({ name }) => name)).toEqual(['the sandbox', 'scimmy-routers']);
});
