import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../support/failure-of.ts';
import { type Directory, startDirectory } from '../../support/start-directory.ts';

let directory: Directory;

beforeEach(async () => {
  directory = await startDirectory();
});
afterEach(() => directory.close());

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const part of parts) all += part;
  return all;
}

describe('connector.export', () => {
  it('writes users as CSV, JSON, and JSON lines', async () => {
    directory.setUser('1', { userName: 'ada', displayName: '=Ada', active: false });
    directory.setUser('2', { userName: 'bob' });
    const columns = ['userName', 'displayName', 'active'];
    const { connector } = directory;

    expect(await textOf(connector.export('users', { columns }))).toBe(
      "userName,displayName,active\r\nada,'=Ada,false\r\nbob,,true\r\n",
    );
    expect(await textOf(connector.export('users', { columns, separator: ';', bom: true }))).toMatch(
      /^\uFEFFuserName;displayName;active\r\n/,
    );
    expect(JSON.parse(await textOf(connector.export('users', { columns, format: 'json' })))).toEqual([
      { userName: 'ada', displayName: '=Ada', active: false },
      { userName: 'bob', active: true },
    ]);
    const lines = await textOf(connector.export('users', { format: 'ndjson' }));
    expect(lines.split('\n')).toHaveLength(3);
  });

  it('yields the first page before the last one is requested', async () => {
    for (let at = 0; at < 250; at += 1) directory.setUser(`u${at}`);
    const parts = directory.connector.export('users', { columns: ['id'] });
    const first = await parts.next();
    const requested = directory.requests.length;
    await textOf(parts);

    expect(first.value).toContain('u0');
    expect(directory.requests.length).toBeGreaterThan(requested);
  });

  it('says that groups may have members that are not shown', async () => {
    const notes: string[] = [];
    const exported = (columns?: readonly string[]) =>
      textOf(directory.connector.export('groups', { columns, onNote: (note) => void notes.push(note) }));
    directory.setGroup(
      'crowd',
      Array.from({ length: 100 }, (_, at) => `m${at}`),
    );
    await exported(['displayName']);
    expect(notes).toEqual([]);
    await exported();
    expect(notes).toEqual([expect.stringContaining('The largest group, crowd, shows exactly 100 members.')]);
  });

  it.each([
    ['a column that is no attribute', 'users', ['usrName'], '`usrName` is not an attribute of a user'],
    ['another resource', 'roles', undefined, '`what` must be "users" or "groups"'],
  ])('rejects %s before it sends anything', async (_, what, columns, message) => {
    const error = await failureOf(textOf(directory.connector.export(what as 'users', { columns })));

    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain(message);
    expect(directory.requests).toEqual([]);
  });
});
