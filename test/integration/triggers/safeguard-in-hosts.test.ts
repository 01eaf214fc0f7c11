import { afterEach, beforeEach, describe, it } from 'vitest';
import { createHost } from '../../../hosts/n8n/runtime/create-host.ts';
import type { N8nPollFunctions } from '../../../hosts/n8n/runtime/n8n-functions.ts';
import { approveHold, ConnectorError, type ProvisioningEvent } from '../../../runtime/index.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { createMemoryWatchStore } from '../../../runtime/watch/memory-watch-store.ts';
import { functionsWith } from '../../hosts/n8n/support/functions-with.ts';
import {
  expectHeld,
  expectHidden,
  type GuardedPoll,
  type GuardedSide,
  guardedTrigger,
  safeguardCases,
} from '../../support/safeguard-cases.ts';
import { type Directory, startDirectory } from '../../support/start-directory.ts';

const show = ({ type, subject }: ProvisioningEvent): string => `${type} ${subject.id}`;

/** What a poll came to. Only a hold is expected. */
async function outcomeOf(poll: () => Promise<readonly ProvisioningEvent[]>): Promise<GuardedPoll> {
  try {
    return { events: (await poll()).map(show) };
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'mass_change_blocked') throw error;
    return { events: [], held: error.message };
  }
}

/** A program that polls, and keeps the cursor itself. */
function inProgram({ connector }: Directory): GuardedSide {
  let cursor: unknown;
  return {
    poll: (approve) =>
      outcomeOf(async () => {
        const polled = await connector.poll(guardedTrigger, { approve }, cursor);
        cursor = JSON.parse(JSON.stringify(polled.cursor));
        return polled.events;
      }),
  };
}

/** A watch, which ends once everything is delivered. */
function inWatch({ connector }: Directory): GuardedSide {
  const store = createMemoryWatchStore();
  return {
    async poll(approve) {
      if (approve !== undefined) await approveHold(store, approve);
      const events: ProvisioningEvent[] = [];
      const sink = (event: ProvisioningEvent): void => void events.push(event);
      const { held } = await outcomeOf(async () => {
        await connector.watch(guardedTrigger, { store, sink, once: true });
        return [];
      });
      return { events: events.map(show), ...(held !== undefined && { held }) };
    },
  };
}

/** The node of n8n, with its static data. */
function inN8n({ baseUrl }: Directory): GuardedSide {
  const host = createHost(loadManifest(), async () => undefined);
  const stored: Record<string, unknown> = {};
  return {
    poll: (approve) =>
      outcomeOf(async () => {
        const options = approve === undefined ? {} : { approve };
        const parameters: Readonly<Record<string, unknown>> = { event: guardedTrigger, options };
        const node = {
          ...functionsWith('bearer', { baseUrl, token: 'token' }),
          getNodeParameter: (name: string, fallback?: unknown) => parameters[name] ?? fallback,
          getMode: () => 'trigger',
          getWorkflowStaticData: (type) => (type === 'node' ? stored : {}),
          getWorkflow: () => ({ id: 'workflow' }),
        } as N8nPollFunctions;
        return ((await host.poll(node)) ?? []) as readonly ProvisioningEvent[];
      }),
  };
}

describe.each([
  ['a program', inProgram, false],
  ['a watch', inWatch, true],
  ['n8n', inN8n, false],
] as const)('the safeguard in %s', (_, open, letsOthersPass) => {
  let directory: Directory;

  beforeEach(async () => {
    directory = await startDirectory();
  });

  afterEach(() => directory.close());

  it.each(safeguardCases)('holds $title, names whom, and lets exactly that through', (one) =>
    expectHeld(one, directory, open(directory), letsOthersPass),
  );

  it('does not count an attribute that vanished from everybody as a loss', () =>
    expectHidden(directory, open(directory)));
});
