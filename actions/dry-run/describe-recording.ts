import type { ActionDefinition, ConnectorDefinition } from '../../connector/definition/definition.ts';
import { dryRunTexts } from '../../connector/dry-run-texts.ts';
import type { ConnectorError } from '../../connector/errors.ts';
import type { DryRun, DryRunError, DryRunRow } from '../../connector/generated/types.ts';
import type { Operation } from '../../connector/manifest/operation.zod.ts';
import { fill } from '../../schemas/fill.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { Recording } from './recording.ts';

/** How the handler ended: with an output, with an error, or before what cannot be predicted. */
export interface RunEnd {
  readonly output?: unknown;
  readonly error?: ConnectorError;
}

/** Combines the recordings of a run and of its rows. */
export function describeRecording(
  recording: Recording,
  { resources }: ConnectorDefinition,
  { operation }: ActionDefinition,
  { output, error }: RunEnd,
): DryRun {
  const results =
    operation.type === 'bulk' && isRecord(output) && Array.isArray(output.results)
      ? output.results.filter(isRecord)
      : [];
  const parts = recording.rows.map(([index, part]) => ({
    part,
    row: results[index]?.row as number | undefined,
  }));
  const all = [recording, ...parts.map(({ part }) => part)];
  const ofRow = <One extends object>(list: readonly One[], row: number | undefined): readonly One[] =>
    row === undefined ? list : list.map((one) => ({ ...one, row }));
  const requests = [...recording.requests, ...parts.flatMap(({ part, row }) => ofRow(part.requests, row))];
  const changes = [...recording.changes, ...parts.flatMap(({ part, row }) => ofRow(part.changes, row))];
  const byIndex = new Map(recording.rows);
  const names = Object.values(resources).map(({ reference }) => reference.key);
  const rows = results.map((result, index) =>
    describeRow(result, names, byIndex.get(index) ?? new Recording()),
  );
  const outcome = outcomeOf(all);
  const described: Omit<DryRun, 'summary'> = {
    dryRun: true,
    outcome,
    requests: [...requests],
    changes: [...changes],
    rows: [...rows],
    notes: [...new Set([...all.flatMap(({ notes }) => [...notes]), ...changesNotMade(operation, output)])],
    ...(error !== undefined && { error: error.toJSON() as unknown as DryRunError }),
  };
  return numberPlaceholders({ ...described, summary: summarizeDryRun(described) }, resources);
}

function describeRow(
  { row, ok, error, ...named }: Readonly<Record<string, unknown>>,
  names: readonly string[],
  recording: Recording,
): DryRunRow {
  const name = names.map((key) => named[key]).find((value) => typeof value === 'string');
  const about = { row: Number(row), ...(name !== undefined && { name }) };
  // A row that ended at what cannot be predicted has not failed.
  const isEnded = isRecord(error) && error.code === 'unsupported' && recording.isUnknown;
  return ok === true || isEnded
    ? { ...about, ok: true, outcome: outcomeOf([recording]) }
    : { ...about, ok: false, error: error as unknown as DryRunError };
}

function outcomeOf(recordings: readonly Recording[]): DryRun['outcome'] {
  if (recordings.some(({ isUnknown }) => isUnknown)) return 'unknown';
  return recordings.some(({ changes }) => changes.length > 0) ? 'change' : 'no_change';
}

/** A dry run in a few sentences. */
export function summarizeDryRun(dryRun: Omit<DryRun, 'summary'>): string {
  const { outcome, rows, error } = dryRun;
  const [requests, changes] = [dryRun.requests.length, dryRun.changes.length];
  const failed = rows.filter(({ ok }) => !ok).length;
  const sentences = [
    requests === 0 ? dryRunTexts.noRequest : counted(requests, dryRunTexts.oneRequest, dryRunTexts.requests),
    changes > 0 ? counted(changes, dryRunTexts.oneChange, dryRunTexts.changes) : '',
    outcome === 'no_change' && failed === 0 ? dryRunTexts.noChange : '',
    outcome === 'unknown' ? dryRunTexts.unknownChange : '',
    failed > 0 ? counted(failed, dryRunTexts.oneRowFails, dryRunTexts.rowsFail) : '',
    error === undefined ? '' : dryRunTexts.fails,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

function counted(count: number, one: string, many: string): string {
  return count === 1 ? one : fill(many, { count });
}

/** Why some changes of a plan would not be made. */
function changesNotMade({ type }: Operation, output: unknown): readonly string[] {
  if (type !== 'apply' || !isRecord(output) || !Array.isArray(output.results)) return [];
  return output.results.filter(isRecord).flatMap(({ id, user, group, message }) => {
    const named = isRecord(user)
      ? (user.userName ?? user.id)
      : isRecord(group)
        ? group.displayName
        : undefined;
    if (typeof message !== 'string') return [];
    return [fill(dryRunTexts.notMade, { change: String(id), name: String(named ?? ''), message })];
  });
}

/** Numbers the placeholders in the order in which they appear, since rows run concurrently, and explains them. */
function numberPlaceholders(output: DryRun, resources: ConnectorDefinition['resources']): DryRun {
  const numbers = new Map<string, string>();
  const counts = new Map<string, number>();
  const notes: string[] = [];
  const text = JSON.stringify(output).replaceAll(/\{new(\w+)#\d+\}/g, (unnumbered, name: string) => {
    const known = numbers.get(unnumbered);
    if (known !== undefined) return known;
    const count = (counts.get(name) ?? 0) + 1;
    const placeholder = `{new${name}${count}}`;
    counts.set(name, count);
    numbers.set(unnumbered, placeholder);
    const resource = resources[name]?.title.toLowerCase();
    notes.push(
      resource === undefined
        ? fill(dryRunTexts.newVersion, { placeholder })
        : fill(dryRunTexts.newId, { placeholder, resource }),
    );
    return placeholder;
  });
  const numbered = JSON.parse(text) as DryRun;
  return { ...numbered, notes: [...numbered.notes, ...notes] };
}
