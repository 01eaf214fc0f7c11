import { isRecord } from '../../../schemas/is-record.ts';
import { nameOfChange } from '../../../sync/hold-changes.ts';
import { isUserChange, nameOfUser, type PlannedChange } from '../../../sync/plan.ts';

type Json = Readonly<Record<string, unknown>>;

/*
 * The items of a sync begin with the same three keys: n8n's tables have the columns of all items, in the order in which
 * they first occur, and show what an item does not have as "undefined".
 */

/** The item of a plan, or of its result, as a whole. */
export function summaryItem(summary: Json): Json {
  return { kind: 'summary', name: summary.planId, outcome: countsText(summary.counts), ...summary };
}

/** The item of one change. A change of a plan that was not applied yet is planned or held. */
export function changeItem(change: PlannedChange & { readonly outcome?: string }): Json {
  const { kind, outcome = change.heldBy === undefined ? 'planned' : 'held', ...rest } = change;
  const name = isUserChange(change) ? nameOfUser(change.user) : nameOfChange(change);
  return { kind, name, outcome, ...rest };
}

/** "1 create, 2 join" */
function countsText(counts: unknown): string {
  const parts = Object.entries(isRecord(counts) ? counts : {}).filter(([, count]) => count !== 0);
  const texts = parts.map(([kind, count]) => `${count} ${kind.replace('_', ' ')}`);
  return texts.join(', ') || 'no changes';
}
