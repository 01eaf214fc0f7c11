import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ActionDefinition } from '../../connector/definition/definition.ts';
import { createConnector } from '../../runtime/index.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { masked } from '../support/masked.ts';
import { actionOf, definition } from '../support/open-test-session.ts';
import { parityStories, populate } from './parity-stories.ts';
import type { Story } from './workato/run-both.ts';

export type Input = Readonly<Record<string, unknown>>;

/** What came of a step in a host: its result, or the text of its error. */
export type HostOutcome = { readonly result: unknown } | { readonly error: string };

/** The provider of a story. */
export interface HostConnection {
  readonly baseUrl: string;
  readonly token: string;
}

/** How a host takes part: what its form can express, how it runs an action, and what it makes of an output or an error. */
export interface HostAdapter {
  /** Its name in the titles of tests. */
  readonly name: string;
  /** The input that a form with these values has, which a person has filled in so that the action gets this input. */
  inputOf(action: ActionDefinition, input: Input): unknown;
  /** Runs an action in the host, as a step of its own. */
  run(
    connection: HostConnection,
    action: ActionDefinition,
    input: Input,
    dryRun: boolean,
  ): Promise<HostOutcome>;
  /** What an output of the library is in the host. Default: the same. */
  expectedResult?(action: ActionDefinition, output: unknown): unknown;
  /** The text that an error of an action in the library has in the host. */
  expectedError(error: unknown, action: ActionDefinition): string;
}

/** Response headers that differ from run to run: the content has the port. */
const ofConnection: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'keep-alive']);

/** Tests that every action of a host returns, changes, and fails as in the library. */
export function describeHostParity(host: HostAdapter): void {
  /** The steps of the stories, by whether a form can express them. */
  const asked = new Set<string>();
  const unasked = new Set<string>();

  /** A form has no unknown fields, and often no null. */
  function isExpressible(action: ActionDefinition, input: Input): boolean {
    try {
      return isDeepStrictEqual(host.inputOf(action, input), input);
    } catch {
      return false;
    }
  }

  /** Runs a story against a sandbox of its own, which starts with two users and a group. */
  async function tell(story: Story, run: HostAdapter['run']): Promise<unknown> {
    const sandbox = await startSandbox();
    const connection = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
    const world = createConnector(connection);
    const outcomes: HostOutcome[] = [];
    try {
      await populate(world);
      await story(async (key, input, how) => {
        const action = actionOf(key);
        const dryRun = how?.dryRun === true;
        const step = `${key} ${JSON.stringify(input)}`;
        if (!isExpressible(action, input)) {
          unasked.add(step);
          // Both sides go on from the same state.
          const output = await world.run(key, input, dryRun ? { dryRun } : {}).catch(() => undefined);
          return { output };
        }
        asked.add(step);
        const outcome = await run(connection, action, input, dryRun);
        outcomes.push(outcome);
        // A story reads what a step returned.
        return { output: 'result' in outcome ? outcome.result : undefined };
      }, world);
      return JSON.parse(JSON.stringify(masked(outcomes)), (name, value) =>
        ofConnection.has(name) ? undefined : value,
      );
    } finally {
      world.close();
      await sandbox.close();
    }
  }

  /** Each step has a connection of its own, as in a host. */
  const inLibrary: HostAdapter['run'] = async (connection, action, input, dryRun) => {
    const connector = createConnector(connection);
    try {
      const output = await connector.run(action.key, input, dryRun ? { dryRun } : {});
      return { result: host.expectedResult?.(action, output) ?? output };
    } catch (error) {
      return { error: host.expectedError(error, action) };
    } finally {
      connector.close();
    }
  };

  describe(`an action in ${host.name}`, () => {
    it.each(definition.actions.map((action) => [action.key, action] as const))(
      '%s returns what the library returns for its sample',
      async (_, { key, sampleInput }) => {
        const story: Story = async (run) => void (await run(key, sampleInput));
        expect(await tell(story, host.run)).toEqual(await tell(story, inLibrary));
      },
    );

    it.each(Object.entries(parityStories))('agrees with the library about %s', async (_, story) => {
      expect(await tell(story, host.run)).toEqual(await tell(story, inLibrary));
    });

    it('is asked most steps of the stories: few cannot be expressed in a form', () => {
      expect(unasked.size).toBeLessThan(asked.size / 4);
    });
  });
}
