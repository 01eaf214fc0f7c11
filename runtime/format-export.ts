import type { Resource } from '../connector/resource.ts';
import type { ExportColumn } from '../report/export-columns.ts';
import { recordStyle, toCell } from '../report/sheet-cell.ts';

/** How an export is written. */
export interface ExportStyle {
  readonly format: 'csv' | 'json' | 'ndjson';
  /** Between the cells of CSV. */
  readonly separator: string;
  readonly bom: boolean;
}

/** The text of an export, a page at a time. Without columns, JSON has whole resources. */
export async function* formatExport(
  pages: AsyncIterable<readonly Resource[]>,
  columns: readonly ExportColumn[] | undefined,
  { format, separator, bom }: ExportStyle,
): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') {
    yield* formatCsv(pages, columns ?? [], separator, bom);
    return;
  }
  const toJson = (resource: Resource): string =>
    JSON.stringify(columns === undefined ? resource : chosenOf(resource, columns));
  if (format === 'ndjson') {
    for await (const page of pages) yield page.map((resource) => `${toJson(resource)}\n`).join('');
    return;
  }
  let separatorOfItems = '[\n';
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield `${separatorOfItems}${page.map(toJson).join(',\n')}`;
    separatorOfItems = ',\n';
  }
  // A list that ends early has no end, so that it is no JSON.
  yield separatorOfItems === '[\n' ? '[]\n' : '\n]\n';
}

async function* formatCsv(
  pages: AsyncIterable<readonly Resource[]>,
  columns: readonly ExportColumn[],
  separator: string,
  bom: boolean,
): AsyncGenerator<string, void, undefined> {
  const { stringify } = await import('csv-stringify/sync');
  const options = { delimiter: separator, ...recordStyle };
  let head = `${bom ? '\uFEFF' : ''}${stringify([columns.map(({ name }) => name)], options)}`;
  for await (const page of pages) {
    const rows = page.map((resource) => columns.map((column) => toCell(column.values(resource))));
    // A list that cannot be read at all leaves nothing.
    yield `${head}${stringify(rows, options)}`;
    head = '';
  }
  yield head;
}

/** The chosen columns of a resource: one value as it is, and a list as a list. */
function chosenOf(resource: Resource, columns: readonly ExportColumn[]): Readonly<Record<string, unknown>> {
  const entries = columns.flatMap(({ name, isList, values }) => {
    const found = values(resource);
    return found.length === 0 ? [] : [[name, isList ? found : found[0]] as const];
  });
  return Object.fromEntries(entries);
}
