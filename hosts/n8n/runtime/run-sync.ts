import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../../../connector/error-texts.ts';
import { ConnectorError, type ErrorCode } from '../../../connector/errors.ts';
import { fill } from '../../../schemas/fill.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { RowProblem } from '../../../sync/desired.ts';
import { nameOfChange } from '../../../sync/hold-changes.ts';
import type { PlannedChange } from '../../../sync/plan.ts';
import type { N8nItemFunctions } from './n8n-functions.ts';
import type { N8nSession } from './n8n-session.ts';
import { readForm } from './read-form.ts';
import { asError, type ItemResult, type RunOptions } from './run-items.ts';
import { changeItem, summaryItem } from './sync-items.ts';

type Json = Readonly<Record<string, unknown>>;

/** A change of a plan or, once it was applied, what became of it. */
type Entry = Json &
  PlannedChange & { readonly outcome?: string; readonly message?: string; readonly code?: ErrorCode };

/** The outcomes of changes that were not made, and need no approval. */
const failures: ReadonlySet<string | undefined> = new Set(['refused', 'failed', 'waiting', 'stopped']);

/**
 * Plans or applies once for all items of a run: which users are no longer in a list is a matter of the whole list. The
 * result is a summary, and an item for each change. Without `continueOnFail`, changes that were not made are an error.
 */
export async function runSync(
  action: ActionDefinition,
  list: 'changes' | 'results',
  functions: N8nItemFunctions,
  session: N8nSession,
  { count, continueOnFail }: RunOptions,
): Promise<readonly ItemResult[]> {
  const itemOf = (row: unknown): number => (typeof row === 'number' && row <= count ? row - 1 : 0);
  try {
    const { [list]: entries, ...summary } = await runOnce(action, functions, session);
    const changes = entries as readonly Entry[];
    const failed = changes.filter(({ outcome }) => failures.has(outcome));
    if (failed.length > 0 && !continueOnFail) throw notMade(failed, changes.length);
    const problems = continueOnFail ? ((summary.problems ?? []) as readonly RowProblem[]) : [];
    return [
      { item: 0, outputs: [summaryItem(summary)] },
      ...changes.map((change) => ({
        item: itemOf(change.row),
        outputs: [failures.has(change.outcome) ? failedChange(change) : changeItem(change)],
      })),
      ...problems.flatMap(({ rows, message }) =>
        rows.map((row) => ({ item: itemOf(row), outputs: [{ error: message, details: { row } }] })),
      ),
    ];
  } catch (error) {
    return [{ item: 0, outputs: [], error: asError(error) }];
  }
}

async function runOnce(
  action: ActionDefinition,
  functions: N8nItemFunctions,
  session: N8nSession,
): Promise<Json> {
  const form = readForm(action, (name, fallback) => functions.getNodeParameter(name, 0, fallback));
  const { users } = form.input;
  const input = Array.isArray(users) ? { ...form.input, users: users.map(asRow) } : form.input;
  const signal = functions.getExecutionCancelSignal?.();
  return (await session.run(action, { ...form, input }, { signal })) as Json;
}

/** Sheets have numbers where text is expected, such as employee numbers, and dates as objects. */
function asRow(row: unknown): unknown {
  if (!isRecord(row)) return row;
  const cells = Object.entries(row).map(([column, cell]) => {
    if (typeof cell === 'number') return [column, String(cell)] as const;
    const isDate = cell instanceof Date && !Number.isNaN(cell.getTime());
    return [column, isDate ? cell.toISOString() : cell] as const;
  });
  return Object.fromEntries(cells);
}

/** n8n sends an item with these keys to the error output of the node. */
function failedChange({ message = '', ...change }: Entry): Json {
  return { error: `${nameOfChange(change as PlannedChange)}: ${message}`, details: change };
}

/** The number of changes that an error names. */
const mostNamed = 10;

function notMade(failed: readonly Entry[], total: number): ConnectorError {
  const named = failed.slice(0, mostNamed).map((entry) => `${nameOfChange(entry)}: ${entry.message}`);
  const rest = failed.length - named.length;
  const more = rest > 0 ? fill(errorParts.andMore, { count: rest }) : '';
  const [code = 'precondition_failed'] = failed.flatMap((entry) => entry.code ?? []);
  return new ConnectorError(
    code,
    fillError(errorTexts.changesNotMade, {
      failed: failed.length,
      total,
      changes: `${named.join(' ')}${more}`,
    }),
  );
}
