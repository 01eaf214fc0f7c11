import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseDesired, readDesired, readDesiredBytes } from '../../../runtime/node/desired/read-desired.ts';
import type { Plan } from '../../../sync/plan.ts';
import type { PlanOptions } from '../../../sync/plan-options.ts';
import { failureOf } from '../../support/failure-of.ts';
import { type MemoryDirectory, openMemoryDirectory } from '../../support/memory-directory.ts';

const size = 2_000;
const header = 'userName,externalId,name.givenName,name.familyName,title,department,active,emails';
const givenNames = ['Ada', 'Grace', 'Müller', 'Þóra', 'مريم', '王'];

const nameOf = (index: number): string => givenNames[index % givenNames.length] ?? '';
const lineOf = (index: number): string =>
  `user${index}@example.com,hr-${index},${nameOf(index)},Ängström,Analyst,R&D,true,user${index}@example.com`;
const sheetOf = (lines: readonly string[]): string => `\uFEFF${[header, ...lines].join('\r\n')}\r\n`;
const lines: readonly string[] = Array.from({ length: size }, (_, index) => lineOf(index));

/** A directory that has what the sheet says, so that the plan shows only what the ugliness of a sheet brings about. */
function openDirectory(): MemoryDirectory {
  const directory = openMemoryDirectory();
  for (let index = 0; index < size; index += 1) {
    const userName = `user${index}@example.com`;
    directory.addUser({
      userName,
      externalId: `hr-${index}`,
      name: { givenName: nameOf(index), familyName: 'Ängström' },
      title: 'Analyst',
      emails: [{ value: userName, type: 'work', primary: true }],
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'R&D' },
    });
  }
  return directory;
}

const directory = openDirectory();
const ownedBy = { externalIdPrefix: 'hr-' };

function planOf(sheet: string, options: PlanOptions = { ownedBy }): Promise<Plan> {
  const { users, rows, ...others } = parseDesired(sheet, 'people.csv');
  return directory.session.plan({ ...others, source: 'people.csv', rows: users, numbers: rows }, options);
}

/** The sheet with some lines in the place of those of a few users, by their indexes. Line 0 is row 2. */
function withLines(changed: Readonly<Record<number, string>>): string {
  return sheetOf(lines.map((line, index) => changed[index] ?? line));
}

const listed = ({ problems }: Plan): readonly string[] =>
  problems.map(({ rows, message }) => `${rows.join(' and ')}: ${message}`);

describe('a plan from a sheet of 2,000 rows', () => {
  it('is empty when the sheet says what the provider has, whatever its blanks, quotes, and separators', async () => {
    expect(await planOf(sheetOf(lines))).toMatchObject({ unchanged: size, changes: [], problems: [] });
    const untidy = lines.map((line) => line.replaceAll(',', '  ;\t').replace('Analyst', '"Analyst "'));
    const decomposed = untidy.map((line) => line.normalize('NFD'));
    const sheet = `${header.replaceAll(',', ';')}\n${decomposed.join('\n')}\n;;;;;;;\n;;;;;;;\n`;
    const plan = await planOf(sheet);
    expect(plan).toMatchObject({ unchanged: size, changes: [], problems: [] });
    expect(plan.notes).toContain('2 empty rows were skipped.');
  });

  it('names both rows when two describe one person differently, and deactivates nobody for it', async () => {
    const plan = await planOf(withLines({ 7: lineOf(3).replace('Analyst', 'Boss') }));
    expect(listed(plan)).toEqual([
      '5 and 9: They have the same external ID, "hr-3", and differ in title. Keep one of them.',
    ]);
    // The user of row 9 is not in the sheet any more, and is deactivated; the one of rows 5 and 9 is not.
    expect(plan.changes.map((change) => [change.kind, 'user' in change && change.user.userName])).toEqual([
      ['deactivate', 'user7@example.com'],
    ]);
  });

  it('counts a row that repeats another one once', async () => {
    const plan = await planOf(sheetOf([...lines, lineOf(4), lineOf(5)]));
    expect(plan).toMatchObject({ changes: [], problems: [] });
    expect(plan.notes).toContain(`Rows ${size + 2} and ${size + 3} repeat an earlier row.`);
  });

  it('explains usernames that two rows exchange', async () => {
    const swap = (index: number, other: number): string =>
      lineOf(index).replace(`user${index}@example.com,hr`, `user${other}@example.com,hr`);
    const plan = await planOf(withLines({ 10: swap(10, 11), 11: swap(11, 10) }));
    expect(plan.changes).toEqual([]);
    expect(listed(plan)).toEqual([
      '12 and 13: They exchange usernames: row 12 renames user10@example.com to user11@example.com, row 13 renames user11@example.com to user10@example.com. Check that the rows are not mixed up. If they are right, rename one of the users to a temporary name first.',
    ]);
  });

  it('renames a user only after the one who has the name was renamed', async () => {
    const plan = await planOf(
      withLines({
        20: lineOf(20).replace('user20@example.com,hr', 'user21@example.com,hr'),
        21: lineOf(21).replace('user21@example.com,hr', 'new@example.com,hr'),
      }),
    );
    expect(listed(plan)).toEqual([]);
    expect(plan.changes.map(({ id, after }) => [id, after])).toEqual([
      ['row 23', undefined],
      ['row 22', ['row 23']],
    ]);
  });

  it('says which rows cannot be read, and why', async () => {
    const plan = await planOf(
      withLines({
        1: lineOf(1).replace(',true,', ',31.12.2026,'),
        2: lineOf(2).replace('user2@example.com,hr', 'user2@\u200Bexample.com,hr'),
        3: lineOf(3).replace('hr-3', '1.23457E+11'),
        4: lineOf(4).replace('Analyst', '#N/A'),
        5: `${lineOf(5)},surplus`,
        6: lineOf(6).replace(/,[^,]*$/, ',no address'),
      }),
    );
    expect(listed(plan)).toEqual([
      '3: active: "31.12.2026" is not true or false. The map can say what it means, with "values".',
      '4: userName: "user2@\u200Bexample.com" contains an invisible character (U+200B).',
      '5: externalId: "1.23457E+11" looks like a number that a spreadsheet has rounded.',
      '6: title: "#N/A" is an error of the spreadsheet.',
      '7: It has 9 cells, and the header has 8. A value that contains the separator needs quotation marks.',
      '8: emails: "no address" is not an email address.',
    ]);
    // Nobody who may be meant is deactivated without approval: row 7 finds no user.
    expect(plan.changes.every(({ heldBy }) => heldBy !== undefined)).toBe(true);
    expect(plan.holds.map(({ reason }) => reason)).toEqual([
      'Row 7 cannot be used and finds no user. It may describe one who would be deactivated or deleted.',
    ]);
  });

  it.each([
    ['to the right', (line: string) => `,${line.slice(0, line.lastIndexOf(','))}`],
    ['to the left', (line: string) => `${line.slice(line.indexOf(',') + 1)},`],
    [
      'to the left, and has its last cell twice',
      (line: string) => line.replace(/^[^,]*,(.*,(.*))$/, '$1,$2'),
    ],
  ])('deactivates nobody without approval whose row is shifted by one %s', async (_, shift) => {
    for (const shifted of [[1], [3, 7], [10, 11, 12, 500, 1999]]) {
      const plan = await planOf(withLines(Object.fromEntries(shifted.map((at) => [at, shift(lineOf(at))]))));
      expect(plan.problems.flatMap(({ rows }) => rows)).toEqual(shifted.map((at) => at + 2));
      expect(plan.counts).toMatchObject({ create: 0, deactivate: shifted.length });
      expect(plan.changes.every(({ heldBy }) => heldBy !== undefined)).toBe(true);
    }
  });

  it('holds nobody for a row that names its user, or whose only problem is a group', async () => {
    const known = lines.slice(1).map((line, at) => (at === 0 ? line.replace(',true,', ',maybe,') : line));
    const joiner = `${lineOf(size)},Nowhere`;
    const sheet = [`${header},groups`, ...known.map((line) => `${line},`), joiner].join('\n');
    const plan = await planOf(sheet);
    expect(plan.problems.map(({ rows }) => rows)).toEqual([[2], [size + 1]]);
    expect(plan.holds).toEqual([]);
    expect(plan.changes.map(({ kind }) => kind)).toEqual(['deactivate']);
  });

  it('refuses a sheet whose columns are shifted by one', async () => {
    const shifted = sheetOf(lines.map((line) => `,${line.slice(0, line.lastIndexOf(','))}`));
    const error = await failureOf(planOf(shifted));
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect(error.message).toContain(
      `${size} of ${size} rows of people.csv cannot be used, so that its columns may be shifted or mixed up: row 2: active: "R&D" is not true or false.`,
    );
  });

  it('holds everything when a column was moved to where usernames belong', async () => {
    const moved = sheetOf(lines.map((line) => line.replace(/^[^,]*,([^,]*),/, '$1,hr-x$1,')));
    const plan = await planOf(moved);
    expect(plan.holds).toHaveLength(1);
    expect(plan.holds[0]?.reason).toBe(
      `The desired state has none of the ${size} owned users who are active. It may be empty, incomplete, or another one.`,
    );
    expect(plan.changes.every(({ heldBy }) => heldBy === plan.holds[0]?.id)).toBe(true);
  });

  it('holds an empty sheet, and one that lost half of its rows', async () => {
    const empty = await planOf(`${header}\n`);
    expect(empty.counts.deactivate).toBe(size);
    expect(empty.changes.every(({ heldBy }) => heldBy !== undefined)).toBe(true);
    const half = await planOf(sheetOf(lines.slice(0, size / 2 - 1)));
    expect(half.holds.map(({ reason }) => reason)).toEqual([
      `The desired state has only ${size / 2 - 1} of the ${size} owned users who are active. It may be incomplete, or its columns may be mixed up.`,
    ]);
  });

  it('points out a changed email address that makes a new user of a known one', async () => {
    const plan = await planOf(
      sheetOf([
        ...lines.slice(0, -1),
        `renamed@example.com,hr-new,Grace,Hopper,Analyst,R&D,true,user${size - 1}@example.com`,
      ]),
    );
    const [created] = plan.changes;
    expect(created).toMatchObject({ kind: 'create', row: size + 1 });
    expect(created !== undefined && 'hint' in created && created.hint).toContain(
      `This may be user${size - 1}@example.com, whom this plan would deactivate.`,
    );
  });

  it('skips a repeated header, and says so', async () => {
    const plan = await planOf(sheetOf([...lines.slice(0, 3), header, ...lines.slice(3)]));
    expect(plan).toMatchObject({ unchanged: size, changes: [], problems: [] });
    expect(plan.notes).toContain('The header is repeated, and was skipped: Row 5.');
  });

  it('points out rows with fewer cells than the header', async () => {
    const plan = await planOf(withLines({ 0: lineOf(0).slice(0, lineOf(0).lastIndexOf(',')) }));
    expect(plan).toMatchObject({ unchanged: size, changes: [], problems: [] });
    expect(plan.notes).toContain(
      'Some rows have fewer cells than the header, and the missing ones count as empty: Row 2.',
    );
  });

  it.each([
    ['without a header', 'ada@example.com,Analyst\n', '"ada@example.com": Users have no attribute'],
    ['with a header that means nothing, and no rows', 'Who,What\n', '"Who": Users have no attribute'],
  ])('refuses a sheet %s', async (_, sheet, message) => {
    const error = await failureOf(planOf(sheet));
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect(error.message).toContain(message);
  });

  it.each([
    ['workbook', 'PK\u0003\u0004\u0014', 'a workbook (.xlsx, .ods, or .numbers)'],
    ['page of a login form', '\u00EF\u00BB\u00BF\n<!DOCTYPE html><form>', 'a web page or XML'],
  ])('says that a %s is no sheet', async (_, content, format) => {
    const error = await failureOf(
      (async () => readDesiredBytes(Buffer.from(content, 'latin1'), 'people.csv'))(),
    );
    expect(error.message).toBe(
      `people.csv is ${format}, not a sheet that can be read. Export the sheet as CSV (UTF-8).`,
    );
  });

  const files = new URL('../../support/sheets/', import.meta.url);
  const asNamed = { ada: 'ada@example.com', title: 'Analyst\nof engines', umlauts: 'Müller; Söhne' };

  it.each([
    ['people-unicode.txt', []],
    ['people-windows-1252.csv', ['people-windows-1252.csv states no encoding. It was read as windows-1252.']],
  ])('reads %s as LibreOffice writes it, but for its row of totals', async (name, notes) => {
    const desired = await readDesired(fileURLToPath(new URL(name, files)));
    const [ada = {}, zoe = {}] = desired.users;
    expect([ada.userName, ada.title, zoe.userName, zoe.title]).toEqual([
      asNamed.ada,
      asNamed.title,
      'zoë@example.com',
      asNamed.umlauts,
    ]);
    expect(desired.rows).toEqual([2, 3]);
    expect(desired.notes).toEqual(notes);
    expect(desired.problems).toEqual([
      {
        rows: [4],
        message: 'It begins with "Total", so that it looks like the total of the rows above. Remove it.',
      },
    ]);
  });

  it.each([
    ['people.xlsx', 'a workbook (.xlsx, .ods, or .numbers)'],
    ['people.ods', 'a workbook (.xlsx, .ods, or .numbers)'],
    ['people.xls', 'a workbook (.xls)'],
    ['people-html.xls', 'a web page or XML'],
  ])('refuses %s as LibreOffice writes it, and says what to do', async (name, format) => {
    const error = await failureOf(readDesired(fileURLToPath(new URL(name, files))));
    expect(error.message).toBe(
      `${name} is ${format}, not a sheet that can be read. Export the sheet as CSV (UTF-8).`,
    );
  });

  it('finds a row of totals above empty rows', () => {
    const { rows, problems } = parseDesired('title,userName\nx,ada@x.io\n,Summe: 1\n,\n,\n', 'people.csv');
    expect([rows, problems?.map((one) => one.rows)]).toEqual([[2, 4, 5], [[3]]]);
  });

  it('keeps a last row whose user only has a name like that', () => {
    const { users, problems } = parseDesired('userName\nada@example.com\nsummer@example.com\n', 'people.csv');
    expect([users.length, problems]).toEqual([2, []]);
  });

  it('refuses a sheet with as many rows as a spreadsheet can hold', async () => {
    const full = `userName\n${'a@x.io\n'.repeat(65_535)}`;
    const error = await failureOf((async () => parseDesired(full, 'people.csv'))());
    expect(error.message).toContain('people.csv has 65536 rows, the most that a spreadsheet can hold');
    expect(parseDesired(`${full}\n`, 'people.csv').rows?.at(-1)).toBe(65_537);
  });

  it.each([
    ['is never closed', 'userName,title\na@x.io,A\n"ada@example.com,x\nb@x.io,y\n', 3],
    [
      'swallows the lines up to the next one',
      'userName,title\na@x.io,"A\nB"\nb@x.io,"x\nc@x.io,"y"\nd@x.io,z\n',
      4,
    ],
  ])('names the line where a row begins whose quotation mark %s', async (_, sheet, line) => {
    const error = await failureOf((async () => parseDesired(sheet, 'people.csv'))());
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect(error.message).toContain('people.csv is not a sheet that can be read: ');
    expect(error.message).toContain(
      `Its row begins in line ${line}. Correct the quotation marks from that line on.`,
    );
  });

  it.each([
    ['in its first cell', 'userName,title,active\na@x.io,A,true\nb@x'],
    ['after a separator', 'userName,title,active\r\na@x.io,A,true\r\nb@x.io,'],
    ['between quoted cells', 'userName,title,active\n"a@x.io","A",true\n"b@x.io"'],
  ])('refuses a sheet that is cut off %s', async (_, sheet) => {
    const error = await failureOf((async () => parseDesired(sheet, 'people.csv'))());
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect(error.message).toBe(
      'people.csv ends in the middle of row 3: cells and the line break are missing, so that other rows may be ' +
        'missing. Export it again. If it is complete, add a line break at its end.',
    );
    expect(parseDesired(`${sheet}\n`, 'people.csv').users).toHaveLength(2);
  });

  it('reads a last row without a line break that has all its cells', () => {
    const sheet = 'userName,title\na@x.io,A\nb@x.io,';
    expect(parseDesired(sheet, 'people.csv')).toMatchObject({ rows: [2, 3], problems: [], notes: [] });
  });

  it.each(['', '"'])('refuses a sheet with NUL characters, with the line (quotes: %j)', async (quote) => {
    const sheet = `userName,title\r\n${quote}a@x.io${quote},A\r\nb@x.io,B\0\0\0\0`;
    const error = await failureOf((async () => parseDesired(sheet, 'people.csv'))());
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect(error.message).toBe(
      'people.csv is damaged, or is not a sheet: line 3 has a NUL character. Export the sheet again as CSV (UTF-8).',
    );
  });
});
