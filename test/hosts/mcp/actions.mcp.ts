import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scenarios } from '../../integration/actions/scenarios.ts';
import { providers, type RunningProvider } from '../../support/providers.ts';
import { connectorOverMcp } from './support/connector-over-mcp.ts';
import { call, dataOf, eras, type OpenClient, openClient, yes } from './support/open-client.ts';

const [sandbox] = providers;

describe.each(eras)('a client of %s', (era) => {
  let running: RunningProvider;
  let open: OpenClient;

  beforeEach(async () => {
    running = await sandbox.start();
    open = await openClient({ connector: running.connector }, { era, answer: yes });
  });

  afterEach(async () => {
    await open[Symbol.asyncDispose]();
    await running.close();
  });

  it.each(Object.entries(scenarios))(
    '%s does and returns what the library does and returns',
    async (_, scenario) => {
      await scenario(connectorOverMcp(running.connector, open.client, era), sandbox.name);
    },
  );

  it('gets the outputs of the library from all actions that read', async () => {
    const { connector } = running;
    const ada = await connector.actions.create_user({ userName: 'ada@example.com', displayName: 'Ada' });
    const { id } = await connector.actions.create_group({ displayName: 'Engineering' });
    await connector.actions.add_group_members({ group: { id }, members: [{ id: ada.id }] });
    const reading = connector.definition.actions.filter(({ effect }) => effect === 'read');
    expect(reading.length).toBeGreaterThan(0);
    for (const { key, sampleInput, nullable } of reading) {
      const output = timeless(await connector.run(key, sampleInput));
      const result = await call(open.client, key, sampleInput);
      expect(timeless(dataOf(result)), key).toEqual(output);
      const wrapped = era === '2025' && nullable ? { result: output } : output;
      expect(timeless(result.structuredContent), key).toEqual(wrapped);
    }
  });
});

/** An output without the parts of a plan that depend on when it was made. */
function timeless(output: unknown): unknown {
  return JSON.parse(
    JSON.stringify(output, (key, value) => (key === 'plan' || key === 'planId' ? '' : value)),
  );
}
