import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileExamples, type DocumentedExport, readExports } from '../../scripts/api/examples.ts';
import { type Api, extractApi } from '../../scripts/api/extract-api.ts';

let api: Api;
let exports: readonly DocumentedExport[];

// Two compilers run, one after the other.
beforeAll(() => {
  api = extractApi();
  exports = readExports(api);
});
afterAll(() => api.remove());

it('every public export has a summary and an example', () => {
  const incomplete = exports.filter(({ summary, examples }) => summary === '' || examples.length === 0);
  expect(incomplete.map(({ entry, name }) => `${entry}: ${name}`)).toEqual([]);
  expect(exports.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['createConnector', 'CreateUserInput', 'startSandbox']),
  );
});

it('every example compiles', () => {
  expect(compileExamples(exports, api)).toBe('');
});

it('reports an example that does not compile', () => {
  const [first] = exports;
  if (first === undefined) throw new Error('There are no exports');
  const broken = { ...first, name: 'Broken', examples: ["const user: User = { id: '1', usernam: 'ada' };"] };
  expect(compileExamples([...exports.filter(({ name }) => name === 'User'), broken], api)).toMatch(
    /^Broken-0\.ts\(2,31\): error TS2561/,
  );
});
