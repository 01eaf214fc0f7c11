import type { Connector } from '../runtime/connector.ts';
import type { ApplyResult } from '../sync/apply-result.ts';
import type { Plan } from '../sync/plan.ts';
import { counted } from './counted.ts';
import { ExitStatus, exitStatus } from './errors.ts';
import { formatResults } from './format-plan.ts';
import { withFlags } from './options.ts';
import { createProgress, type Terminal } from './terminal.ts';

/** What applying needs of the options. */
export interface ApplyCommandOptions {
  readonly approve: readonly string[];
  readonly json?: boolean;
}

const applyFlags: Readonly<Record<string, string>> = Object.freeze({
  approve: '--approve',
  journal: '--journal',
});

/** Applies a plan, and prints what was done and what was not. */
export async function applyAndPrint(
  connector: Connector,
  plan: Plan,
  journal: string,
  options: ApplyCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const progress = createProgress(terminal);
  const { approve, json = false } = options;
  const onProgress = json ? undefined : progress.onProgress;
  const result = await withFlags(applyFlags, () =>
    connector.apply(plan, { journal, approve, signal, onProgress }),
  );
  progress.finish();
  for (const line of linesOf(result, options, terminal)) terminal.out(line);
  if (!json && plan.problems.length > 0) terminal.err(problemsText(plan));
  const maybeMade = result.results.filter((one) => one.maybeMade).length;
  if (!json && maybeMade > 0) terminal.err(maybeMadeText(maybeMade));
  printJournal(result, journal, options, terminal);
  if (result.stoppedBy !== undefined) throw new ExitStatus(exitStatus.stopped, result.stoppedBy);
  return result;
}

/** Why a run ends with an exit code other than 0 although every change was made. */
function problemsText({ problems }: Plan): string {
  return `The plan has ${counted(problems.length, 'problem')}: nothing was done for the rows that it names. "rolecall plan" shows them.`;
}

/** What a person does about changes whose responses a stopped run did not wait for. */
function maybeMadeText(count: number): string {
  return `The run was stopped during ${counted(count, 'change')}, which may have been made. Run the same command again: it finds out, and makes the rest.`;
}

/** What was done and what was not. */
export function linesOf(
  result: ApplyResult,
  { json = false }: ApplyCommandOptions,
  { isScreen }: Pick<Terminal, 'isScreen'>,
): readonly string[] {
  if (json) return [JSON.stringify(result)];
  const held = result.holds.map(
    ({ id, reason, changes }) =>
      `held: ${counted(changes, 'change')}. ${reason} To make them: --approve ${id}`,
  );
  return [...formatResults(result.results, isScreen), ...held, resultText(result)];
}

/** Says where the journal is, if there is something to undo. */
export function printJournal(
  { counts, doneBefore }: ApplyResult,
  journal: string,
  { json = false }: ApplyCommandOptions,
  terminal: Terminal,
): void {
  if (json || (counts.changed ?? 0) + doneBefore === 0) return;
  terminal.err(`The journal is in ${journal}. To undo these changes: rolecall revert ${journal}`);
}

function resultText({ counts, doneBefore }: ApplyResult): string {
  const parts = Object.entries(counts).flatMap(([outcome, number]) =>
    number === 0 ? [] : [`${number} ${outcome}`],
  );
  if (doneBefore > 0) parts.push(`${doneBefore} done before`);
  return parts.length === 0 ? 'Nothing to do.' : `${parts.join(', ')}.`;
}

/** Ends with the exit code of what was not made. */
export function throwStatus(plan: Plan, result: ApplyResult | undefined): void {
  const { refused = 0, failed = 0, waiting = 0, held = 0 } = result?.counts ?? {};
  if (refused + failed > 0 || plan.problems.length > 0 || (waiting > 0 && held === 0))
    throw new ExitStatus(exitStatus.partial);
  if (held > 0) throw new ExitStatus(exitStatus.held);
}
