import type { Connector } from '../runtime/connector.ts';
import type { ApplyResult } from '../sync/apply-result.ts';
import type { Plan } from '../sync/plan.ts';
import { ExitStatus, exitStatus } from './errors.ts';
import { formatResults } from './format-plan.ts';
import { createProgress, type Terminal } from './terminal.ts';

/** What applying needs of the options. */
export interface ApplyCommandOptions {
  readonly approve: readonly string[];
  readonly json?: boolean;
}

/** Applies a plan, and prints what was done and what was not. */
export async function applyAndPrint(
  connector: Connector,
  plan: Plan,
  journal: string,
  { approve, json = false }: ApplyCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const progress = createProgress(terminal);
  const onProgress = json ? undefined : progress.onProgress;
  const result = await connector.apply(plan, { journal, approve, signal, onProgress });
  progress.finish();
  if (json) terminal.out(JSON.stringify(result));
  else {
    for (const line of formatResults(result.results)) terminal.out(line);
    for (const { id, reason, changes } of result.holds)
      terminal.out(`held: ${changes} changes. ${reason} To make them: --approve ${id}`);
    terminal.out(resultText(result));
    terminal.err(`The journal is in ${journal}. To undo these changes: rolecall revert ${journal}`);
  }
  return result;
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
