import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { packageWorkato } from '../../../hosts/workato/package-workato.ts';
import { code, printRuby, type RubyValue, symbols } from '../../../hosts/workato/ruby.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { startRubyConnector } from './start-ruby-connector.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-injection-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What Ruby reads of a printed value, as JSON. */
function readByRuby(ruby: string): unknown {
  writeFileSync(join(folder, 'value.rb'), `# frozen_string_literal: true\n\n${ruby}\n`);
  const script = 'puts JSON.generate(eval(File.read(ARGV[0], encoding: "UTF-8"), binding, ARGV[0]))';
  return JSON.parse(
    execFileSync('ruby', ['-W', '-rjson', '-e', script, join(folder, 'value.rb')], {
      encoding: 'utf8',
      env: { ...process.env, LANG: 'C.UTF-8' },
    }),
  );
}

describe('a value printed as Ruby', () => {
  it('is read back unchanged, whatever its content', () => {
    const values = fc.sample(fc.jsonValue({ stringUnit: 'binary' }), { numRuns: 300, seed: 5 });
    const texts = fc.sample(
      fc.string({
        unit: fc.constantFrom(
          '"',
          "'",
          '\\',
          '#',
          '{',
          '}',
          '\n',
          '\r',
          '\0',
          '\u2028',
          '\u202e',
          'a',
          ' ',
          '%',
          'JSON',
          'é',
          '😀',
        ),
        maxLength: 300,
      }),
      { numRuns: 500, seed: 7 },
    );
    const all = [...values, ...texts].map((value) => plainNumbers(value)) as RubyValue[];

    expect(readByRuby(printRuby(all))).toEqual(JSON.parse(JSON.stringify(all)));
  });

  it('keeps every character when a long text is split', () => {
    const texts = [
      `${'word '.repeat(60)}end`,
      'x'.repeat(500),
      ` leading, and  two blanks ${' '.repeat(130)} and the end `,
      `${'a\n'.repeat(100)}`,
      `it's ${"'quoted' ".repeat(40)}`,
    ];
    const printed = printRuby(texts, 8);
    expect(readByRuby(printed)).toEqual(texts);
    for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(122);
  });

  it('never becomes code or a symbol', () => {
    const imposter = JSON.parse('{"ruby":"exit(1)","symbols":{"a":1},"Symbol(Ruby code)":"exit(1)"}');
    expect(readByRuby(printRuby(imposter))).toEqual(imposter);
    expect(printRuby(code('1 + 1'))).toBe('1 + 1');
    expect(printRuby(symbols({ a: 1, 'b c': 2, d: undefined }))).toBe("{ a: 1, 'b c': 2 }");
  });
});

/** JSON numbers as both sides print them: no exponents, and no negative zero. */
function plainNumbers(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, item) => {
      if (typeof item === 'number') return Math.round(Math.max(-1e9, Math.min(1e9, item)));
      return typeof item === 'string' ? item.toWellFormed() : item;
    }),
  );
}

describe('an overlay with malicious texts', () => {
  const mark = (): string => join(folder, 'was-here');
  const harm = (): string =>
    `'"#{File.write('${mark()}', 'x')}" \\ <script>alert(1)</script> %x(touch ${mark()}) JSON\nJSON\n    JSON\nend }`;

  const overlay = () => ({
    overlayVersion: 1,
    title: 'Harm',
    schemas: [
      {
        id: "urn:harm:'#{exit}:User",
        name: `H ${harm()}`,
        attributes: [{ name: 'level', type: 'string', description: harm(), canonicalValues: [harm()] }],
      },
    ],
    resources: {
      User: {
        extensions: ["urn:harm:'#{exit}:User"],
        fields: [
          {
            attribute: "urn:harm:'#{exit}:User:level",
            title: `L ${harm()}`.slice(0, 80),
            help: `${harm()}.`,
            sample: harm(),
            pickList: 'level',
            custom: true,
          },
        ],
      },
    },
    pickLists: { level: [{ value: harm(), title: harm() }] },
    actions: [
      {
        key: 'set_level',
        title: `Set ${harm()}`.slice(0, 80),
        group: harm(),
        description: `${harm()}.`,
        idempotent: true,
        operation: {
          type: 'patch',
          resource: 'User',
          operations: [{ op: 'replace', path: 'title', value: harm() }],
        },
        fields: [],
        sampleInput: { user: { userName: harm() } },
        sample: { id: '1', ruby: 'exit(1)', text: harm() },
      },
    ],
  });

  it('shows them as text, and runs none of them', async () => {
    const definition = compileManifest(loadManifest([overlay()]));
    const ruby = await startRubyConnector(definition);
    const settings = { baseUrl: 'http://127.0.0.1:9', token: 'token' };

    const drawn = (await ruby.value({ do: 'input_fields', of: 'actions', key: 'create_user', settings })) as {
      name: string;
      label: string;
      hint: string;
    }[];
    const level = drawn.find(({ name }) => name === 'level');
    expect(level?.label).toBe(`L ${harm()}`.slice(0, 80));
    expect(level?.hint).not.toContain('<script>');
    expect(level?.hint.replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(`${harm()}.`);
    expect(await ruby.value({ do: 'pick_list', key: 'level_options' })).toEqual([[harm(), harm()]]);
    expect(await ruby.value({ do: 'sample_output', of: 'actions', key: 'set_level', settings })).toEqual({
      id: '1',
      ruby: 'exit(1)',
      text: harm(),
    });
    const description = await ruby.value({
      do: 'text',
      of: 'actions',
      key: 'set_level',
      name: 'description',
    });
    expect(description).not.toContain('<script>');
    await ruby.close();
    expect(existsSync(mark())).toBe(false);
  });

  it('leaves the file clean for Ruby and for RuboCop', () => {
    const files = packageWorkato(compileManifest(loadManifest([overlay()])), { version: '1.0.0' });
    for (const name of ['connector.rb', '.rubocop.yml'])
      writeFileSync(join(folder, name), files.get(name) ?? '');
    const run = (command: string, args: readonly string[]) =>
      spawnSync(command, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, LANG: 'C.UTF-8' } });

    expect(run('ruby', ['-wc', 'connector.rb'])).toMatchObject({ status: 0, stderr: '' });
    const { stdout } = run('rubocop', [
      '--cache',
      'false',
      '--format',
      'emacs',
      '--only',
      'Lint,Security',
      'connector.rb',
    ]);
    expect(stdout).toBe('');
    expect(existsSync(mark())).toBe(false);
  }, 300_000);
});
