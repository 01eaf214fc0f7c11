import type { TraitName } from '../../connector/traits.ts';
import { ConnectorError, type DryRun } from '../../runtime/index.ts';
import type { QuirkName } from '../../sandbox/index.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { actionOf } from '../support/open-test-session.ts';
import { makeWorld, type Scenario, scenarios } from './action-scenarios.ts';
import { takeSnapshot } from './judge.ts';
import type { Exchange, QuirkBench } from './open-quirk-bench.ts';

/** The scenarios of actions that change something. */
export const changingScenarios = scenarios.filter(({ action }) => actionOf(action).dryRun !== undefined);

/** What a request has, wherever it was recorded. */
interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
}

/**
 * Runs an action as a dry run, and then for real. Returns what is wrong with the dry run: it changed something, or
 * predicted something else than was then sent.
 */
export async function tryDryRun(
  bench: QuirkBench,
  scenario: Scenario,
  quirks: readonly QuirkName[],
): Promise<readonly string[]> {
  // The profile states the quirks, so that none is noticed only by a rejected request.
  bench.reset(quirks, quirks as readonly TraitName[]);
  const world = makeWorld(bench);
  scenario.prepare?.(bench, world);
  const before = takeSnapshot(bench);
  const input = scenario.input(before, world);
  const run = async (dryRun: boolean): Promise<{ result: unknown; sent: readonly Exchange[] }> => {
    bench.exchanges.length = 0;
    const result = await bench.run(scenario.action, input, { dryRun }).catch((error: unknown) => {
      if (error instanceof ConnectorError) return error;
      throw error;
    });
    return { result, sent: bench.exchanges.filter((exchange) => !isRead(exchange)) };
  };
  const dry = await run(true);
  const isUntouched = JSON.stringify(takeSnapshot(bench)) === JSON.stringify(before);
  const { result, sent } = await run(false);
  return [
    ...dry.sent.map(({ method, path }) => `sent ${method} ${path}`),
    ...(isUntouched ? [] : ['changed the provider']),
    ...(dry.result instanceof ConnectorError
      ? errorProblems(dry.result, result)
      : requestProblems(dry.result as DryRun, sent, result instanceof ConnectorError)),
  ];
}

function isRead({ method, path }: Exchange): boolean {
  return method === 'GET' || path.endsWith('/.search');
}

function errorProblems(error: ConnectorError, result: unknown): readonly string[] {
  const isSame = result instanceof ConnectorError && result.code === error.code;
  return isSame ? [] : [`failed with ${error.code}, and the run did not: ${error.message}`];
}

/**
 * The differences between predicted and sent requests. A placeholder stands for any value. Rows run concurrently, so
 * that the order of their requests differs. What follows a rejected request is not predicted, and neither is what a dry
 * run with the outcome "unknown" does not have.
 */
function requestProblems(
  { requests, outcome }: DryRun,
  sent: readonly Exchange[],
  hasFailed: boolean,
): readonly string[] {
  const open = requests.map(patternOf);
  const firstRejection = sent.findIndex(({ status }) => status >= 300);
  const relevant = firstRejection < 0 ? sent : sent.slice(0, firstRejection + 1);
  const unpredicted = relevant.map(textOf).filter((text) => {
    const at = open.findIndex((pattern) => pattern.test(text));
    if (at >= 0) open.splice(at, 1);
    return at < 0;
  });
  const unsent = firstRejection < 0 && !hasFailed ? open : [];
  return [
    ...(outcome === 'unknown' ? [] : unpredicted.map((text) => `did not predict ${text}`)),
    ...unsent.map(({ source }) => `predicted ${source}, which was not sent`),
  ];
}

/** The request as text; the order of the keys of an object does not count. */
function textOf({ method, path, body, ifMatch }: RecordedRequest): string {
  // A note says that a PUT repeats what the provider adds to members.
  const isAdded = (name: string): boolean => method === 'PUT' && (name === '$ref' || name === 'type');
  const sorted = JSON.stringify(body, (_, value: unknown) =>
    isRecord(value)
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([name]) => !isAdded(name))
            .sort(),
        )
      : value,
  );
  return `${method} ${decodeURIComponent(path)} ${sorted} If-Match: ${ifMatch}`;
}

function patternOf(request: RecordedRequest): RegExp {
  // A note says that the version of a new resource is not known.
  const text = textOf({ ...request, ...(/\{new\w+\}/.test(request.path) && { ifMatch: '{newVersion}' }) });
  const parts = text.split(/\{new\w+\}/);
  return new RegExp(`^${parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.+?')}$`);
}
