import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import { readForm } from '../../../hosts/zapier/form/read-form.ts';
import { createConnector } from '../../../runtime/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { masked } from '../../support/masked.ts';
import { actionOf, definition } from '../../support/open-test-session.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { parityStories, populate } from '../workato/parity-stories.ts';
import type { Story } from '../workato/run-both.ts';
import { fillForm } from './support/fill-form.ts';
import { openZapier, type ZapierRuntime } from './support/open-zapier.ts';
import { expectedError, expectedResult, type Outcome, outcomeOfError } from './support/outcomes.ts';

type Input = Readonly<Record<string, unknown>>;
type RunStep = (action: ActionDefinition, input: Input, dryRun: boolean) => Promise<Outcome>;

const folder = temporaryFolder();
let zapier: ZapierRuntime;

beforeAll(async () => {
  zapier = await openZapier(folder.path);
});
afterAll(() => folder[Symbol.dispose]());

/** Response headers that differ from run to run: the content has the port. */
const ofConnection: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'keep-alive']);

/** The steps of the stories by whether a form can express them. */
const asked = new Set<string>();
const unasked = new Set<string>();

/** Whether a person can fill in the form so that the action gets this input: a form has no unknown fields, and no null. */
function isExpressible(action: ActionDefinition, input: Input): boolean {
  try {
    return isDeepStrictEqual(readForm(definition, action, fillForm(action, input)).input, input);
  } catch {
    return false;
  }
}

/** Runs a story against a sandbox of its own, which starts with two users and a group. */
async function tell(story: Story, side: 'node' | 'zapier'): Promise<unknown> {
  const sandbox = await startSandbox();
  const connection = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
  const world = createConnector(connection);
  const run = side === 'node' ? onNode(connection) : onZapier(connection);
  const outcomes: Outcome[] = [];
  try {
    await story(async (key, input, how) => {
      const action = actionOf(key);
      const options = how?.dryRun === true ? { dryRun: true as const } : {};
      if (!isExpressible(action, input)) {
        // Both sides go on from the same state.
        const output = await world.run(key, input, options).catch(() => undefined);
        unasked.add(`${key} ${JSON.stringify(input)}`);
        return { output };
      }
      const outcome = await run(action, input, options.dryRun === true);
      outcomes.push(outcome);
      asked.add(`${key} ${JSON.stringify(input)}`);
      // A story reads what a step returned.
      return ('result' in outcome ? { output: outcome.result } : outcome) as Awaited<
        ReturnType<Parameters<Story>[0]>
      >;
    }, world);
    return JSON.parse(JSON.stringify(masked(outcomes)), (name, value) =>
      ofConnection.has(name) ? undefined : value,
    );
  } finally {
    world.close();
    await sandbox.close();
  }
}

/** Each step has a connection of its own, as each run in Zapier has. */
function onNode(connection: { baseUrl: string; token: string }): RunStep {
  return async (action, input, dryRun) => {
    const connector = createConnector({ ...connection, deadlineInMs: 22_000 });
    try {
      const output = await connector.run(action.key, input, dryRun ? { dryRun: true } : {});
      return expectedResult(action, output);
    } catch (error) {
      return expectedError(action, error);
    } finally {
      connector.close();
    }
  };
}

function onZapier(authData: Input): RunStep {
  return async (action, input, dryRun) => {
    const { operation } =
      (action.effect === 'read' ? zapier.app.searches : zapier.app.creates)[action.key] ?? {};
    try {
      const form = {
        ...fillForm(action, input),
        ...(dryRun && { [action.dryRun?.field.key ?? '']: 'true' }),
      };
      return { result: await zapier.call(operation?.perform, { authData, inputData: form }) };
    } catch (error) {
      return outcomeOfError(error);
    }
  };
}

describe('an action in Zapier', () => {
  it.each(definition.actions.map((action) => [action.key, action] as const))(
    '%s returns what the library returns for its sample',
    async (_, action) => {
      const story: Story = async (run, world) => {
        await populate(world);
        await run(action.key, action.sampleInput);
      };

      expect(await tell(story, 'zapier')).toEqual(await tell(story, 'node'));
    },
  );

  it.each(Object.entries(parityStories))('agrees with the library about %s', async (_, story) => {
    const prepared: Story = async (run, world) => {
      await populate(world);
      await story(run, world);
    };
    expect(await tell(prepared, 'zapier')).toEqual(await tell(prepared, 'node'));
  });

  it('was asked most steps of the stories: few cannot be expressed in a form', () => {
    expect(unasked.size).toBeLessThan(asked.size / 4);
  });
});
