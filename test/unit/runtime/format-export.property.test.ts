import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatReportCsv } from '../../../cli/report/format-report.ts';
import type { ExportColumn } from '../../../report/export-columns.ts';
import { withoutGuard } from '../../../report/sheet-cell.ts';
import { formatExport } from '../../../runtime/format-export.ts';

/** Names that whoever is named by them could choose to write rows, cells, or formulas of their own. */
const name = fc
  .array(fc.constantFrom('a', '\r', '\n', '\r\n', '"', ',', ';', '=1+1', '\t', ' ', "'"), { maxLength: 8 })
  .map((parts) => `x${parts.join('')}`);

/** The most lenient reader: any of the two characters, and both together, end a record. */
const lenient = { record_delimiter: ['\r\n', '\n', '\r'], skip_empty_lines: true };

it('a sheet has one record for each user, whatever the users are called and whatever ends a record', async () => {
  const columns = ['id', 'displayName'].map(
    (key): ExportColumn => ({ name: key, isList: false, values: (resource) => [resource[key]] }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 4 }), async (names) => {
      const users = names.map((displayName, index) => ({ schemas: [], id: `${index}`, displayName }));
      let text = '';
      const style = { format: 'csv', separator: ',', bom: false } as const;
      for await (const part of formatExport(pagesOf(users), columns, style)) text += part;
      const [, ...records] = parse(text, lenient);
      expect(records.map(([id, cell]) => [id, withoutGuard(cell ?? '')])).toEqual(
        users.map(({ id, displayName }) => [id, displayName]),
      );
    }),
    { numRuns: 50 },
  );
});

it('a report has one record for each user, whatever the users are called and whatever ends a record', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 4 }), async (names) => {
      const users = names.map((displayName, index) => ({
        id: `${index}`,
        userName: 'x',
        displayName,
        active: true,
        manager: '',
        groups: [],
        roles: {},
      }));
      const report = {
        users,
        groups: 0,
        environments: [],
        inactiveWithRoles: [],
        ownersWithoutManager: [],
        inNoGroup: [],
        notes: [],
      };
      const text = await formatReportCsv({
        baseUrl: 'https://scim.example.com',
        createdAt: '2026-01-01T00:00:00.000Z',
        report,
        drift: undefined,
      });
      const [, ...records] = parse(text, lenient);
      expect(records.map(([id, , cell]) => [id, withoutGuard(cell ?? '')])).toEqual(
        users.map(({ id, displayName }) => [id, displayName]),
      );
    }),
    { numRuns: 50 },
  );
});

async function* pagesOf<Item>(items: readonly Item[]): AsyncGenerator<readonly Item[]> {
  yield items;
}
