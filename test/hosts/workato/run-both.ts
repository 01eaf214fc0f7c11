import type { ConnectionInput } from '../../../connector/connection.ts';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { inputWithFieldNames, withFieldNames } from '../../../hosts/workato/field-names.ts';
import { type Connector, ConnectorError, createConnector, type DryRun } from '../../../runtime/index.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { type SandboxOptions, startSandbox } from '../../../sandbox/index.ts';
import { masked } from '../../support/masked.ts';
import { openSkippingSession } from '../../support/open-skipping-session.ts';
import { asJobError, type JobError, readJobError } from './job-error.ts';
import type { RubyConnector } from './start-ruby-connector.ts';

/** What came of one step: its output, or how it failed, with what differs from run to run masked. */
export type Outcome = { readonly output: unknown } | JobError;

/** Runs a step by its key, or its dry run. On Workato, the names of fields are those of its forms. */
export type Run = (
  key: string,
  input: Readonly<Record<string, unknown>>,
  options?: { readonly dryRun: true },
) => Promise<Outcome>;

/** A story, run on each side; the results of its steps are compared. */
export type Story = (run: Run, world: Connector) => Promise<void>;

/** How the two sides are set up. */
export interface BothOptions {
  readonly ruby: RubyConnector;
  readonly definition: ConnectorDefinition;
  readonly overlays?: readonly unknown[];
  readonly sandbox?: SandboxOptions;
  /** Whether each step on Node has a connection of its own, as each job on Workato has: it knows no quirks yet. */
  readonly isForgetful?: boolean;
  /** What differs from the sandbox's own address and token. */
  readonly connection?: (own: ConnectionInput) => ConnectionInput;
}

/** Runs a story on Node and on Ruby, each against a sandbox of its own, and returns what each of its steps came to. */
export async function runBoth(
  story: Story,
  options: BothOptions,
): Promise<{ readonly node: readonly Outcome[]; readonly ruby: readonly Outcome[] }> {
  return { node: await tell(story, options, runOnNode), ruby: await tell(story, options, runOnRuby) };
}

type Side = (connection: ConnectionInput, options: BothOptions) => { run: Run; close(): void };

async function tell(story: Story, options: BothOptions, side: Side): Promise<readonly Outcome[]> {
  const sandbox = await startSandbox(options.sandbox);
  const own = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
  const overlays = options.overlays ?? [];
  const world = createConnector({ ...own, overlays });
  const { run, close } = side(options.connection?.(own) ?? own, options);
  const outcomes: Outcome[] = [];
  try {
    await story(async (key, input, how) => {
      const outcome = await run(key, input, how);
      outcomes.push(outcome);
      return outcome;
    }, world);
    // Masked as one, so that an ID is the same one in every step.
    return masked(outcomes) as readonly Outcome[];
  } finally {
    close();
    world.close();
    await sandbox.close();
  }
}

const runOnNode: Side = (given, { overlays = [], definition, isForgetful = false }) => {
  const all = overlays.length === 0 ? definition : compileManifest(loadManifest(overlays));
  // As on Workato, requests are sent one after another.
  const open = () => openSkippingSession(all, { concurrency: 1, ...given });
  let opened = open();
  return {
    close: () => opened.close(),
    async run(key, input, how) {
      try {
        return { output: asRubyOutput(await opened.session.runAction(key, input, how), how) };
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        return asJobError(error, definition);
      } finally {
        if (isForgetful) {
          opened.close();
          opened = open();
        }
      }
    },
  };
};

const runOnRuby: Side = (settings, { ruby, definition }) => ({
  close: () => undefined,
  run: (key, input, how) => runStep(ruby, definition, settings, [key, input, how]),
});

/** Runs one step on Ruby. */
export async function runStep(
  ruby: RubyConnector,
  definition: ConnectorDefinition,
  settings: object,
  [key, input, how]: Parameters<Run>,
): Promise<Outcome> {
  const action = definition.actions.find((one) => one.key === key);
  const form = inputWithFieldNames(action?.input ?? {}, input) as object;
  const { value, error } = await ruby.ask({ do: 'execute', key, input: { ...form, ...how }, settings });
  if (error !== undefined) return readJobError(error);
  return { output: how === undefined ? nothingIsNull(definition, key, value) : withBodies(value) };
}

/** What an output of the library, or of its dry run, is on Workato. */
export function asRubyOutput(output: unknown, how: Parameters<Run>[2]): unknown {
  return how === undefined ? withFieldNames(output) : asDryRunPill(output as DryRun);
}

/** Workato knows no null for a whole output: there, nothing is an empty hash. */
function nothingIsNull({ actions }: ConnectorDefinition, key: string, value: unknown): unknown {
  const isNullable = actions.find((action) => action.key === key)?.nullable === true;
  return isNullable && JSON.stringify(value) === '{}' ? null : value;
}

/** A dry run as Workato returns it: in one pill. */
function asDryRunPill({ dryRun: _, requests, ...others }: DryRun): unknown {
  return { dryRun: { ...(withFieldNames(others) as object), requests } };
}

/** The same, with the bodies of its requests, which are text on Workato, as JSON. */
function withBodies(value: unknown): unknown {
  const { dryRun } = value as { dryRun: Pick<DryRun, 'requests'> };
  const requests = dryRun.requests.map(({ body, ...request }) =>
    body === undefined ? request : { ...request, body: JSON.parse(String(body)) },
  );
  return { dryRun: { ...dryRun, requests } };
}
