import type { ActionDefinition } from '../connector/definition/definition.ts';
import { isRecord } from '../schemas/is-record.ts';
import { counted } from './counted.ts';
import { reasonInFlags } from './options.ts';

interface FailedRow {
  readonly row: number;
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** More rows of one kind are in the output only. */
const mostRows = 5;

/** What the rows of a bulk action came to, by the kind of their failures; nothing if none failed, and for other outputs. */
export function formatFailedRows({ operation }: ActionDefinition, output: unknown): readonly string[] {
  if (operation.type !== 'bulk' || !isRecord(output) || !Array.isArray(output.results)) return [];
  const failed = output.results.flatMap(readFailed);
  if (failed.length === 0) return [];
  const total = output.results.length;
  const kinds = [...Map.groupBy(failed, ({ code }) => code)].toSorted(
    ([, one], [, other]) => other.length - one.length,
  );
  return [
    `${failed.length} of ${counted(total, 'row')} failed. The output has the error of each. Correct what the errors name, and run these rows again.`,
    ...kinds.flatMap(([code, rows]) => [
      `  ${code}: ${counted(rows.length, 'row')}`,
      ...rows.slice(0, mostRows).map(({ row, name, message }) => `    row ${row}${name}: ${message}`),
      ...(rows.length > mostRows ? [`    … and ${rows.length - mostRows} more`] : []),
    ]),
  ];
}

function readFailed(result: unknown): readonly FailedRow[] {
  if (!isRecord(result) || result.ok === true || !isRecord(result.error)) return [];
  const { row, ok: _, error, id: __, output: ___, ...reference } = result;
  const [name] = Object.values(reference);
  const { code, message } = error as Record<string, unknown>;
  return [
    {
      row: Number(row),
      name: name === undefined ? '' : ` (${String(name)})`,
      code: String(code),
      message: reasonInFlags(String(code), String(message)),
    },
  ];
}
