import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Api, EntryName } from './extract-api.ts';

/** One export of the package, as its comment describes it. */
export interface DocumentedExport {
  readonly entry: EntryName;
  readonly name: string;
  /** The first paragraph of its comment; empty without a comment. */
  readonly summary: string;
  /** The code of its examples, and of those of its members. */
  readonly examples: readonly string[];
}

/** The part of an API model that is read here. */
interface ModelItem {
  readonly name?: string;
  readonly docComment?: string;
  readonly members?: readonly ModelItem[];
}

/** Every export, with its examples. */
export function readExports({ models }: Api): readonly DocumentedExport[] {
  return (Object.entries(models) as [EntryName, string][]).flatMap(([entry, path]) => {
    const { members = [] }: ModelItem = JSON.parse(readFileSync(path, 'utf8'));
    return members
      .flatMap(({ members: exports = [] }) => exports)
      .map((item) => ({
        entry,
        name: item.name ?? '',
        summary:
          textOf(item)
            .split(/\n\n|\n@/)[0]
            ?.trim() ?? '',
        examples: examplesOf(item),
      }));
  });
}

/**
 * Compiles every example against the declarations, each as a module of its own. One that imports nothing gets the
 * exports that it uses, and the connector that it names.
 *
 * @returns what the compiler says, with each example's name; empty when all compile.
 */
export function compileExamples(exports: readonly DocumentedExport[], { declarations }: Api): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-examples-'));
  try {
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: resolve('tsconfig.json'),
        compilerOptions: {
          paths: {
            rolecall: [declarations.rolecall],
            'rolecall/sandbox': [declarations['rolecall/sandbox']],
            'rolecall/manifest.json': [resolve('manifest.json')],
          },
          typeRoots: [resolve('node_modules/@types')],
          // Examples declare what their reader goes on to use.
          noUnusedLocals: false,
          noUnusedParameters: false,
          verbatimModuleSyntax: false,
        },
        include: ['*.ts'],
        exclude: [],
      }),
    );
    for (const { name, entry, examples } of exports) {
      for (const [index, code] of examples.entries())
        writeFileSync(
          join(folder, `${name}-${index}.ts`),
          `${preludeOf(code, entry, exports)}${code}\nexport {};\n`,
        );
    }
    return spawnSync(resolve('node_modules/.bin/tsc'), ['-p', folder], { cwd: folder, encoding: 'utf8' })
      .stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function preludeOf(code: string, entry: EntryName, exports: readonly DocumentedExport[]): string {
  if (/^import /m.test(code)) return '';
  const needsConnector = /\bconnector\b/.test(code) && !/\b(const|using) connector\b/.test(code);
  const used = exports.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(code));
  const lines = [...new Set<EntryName>(['rolecall', entry])].map((from) => {
    const names = used.filter((one) => one.entry === from).map(({ name }) => name);
    if (from === 'rolecall' && needsConnector) names.push('Connector');
    return `import { ${[...new Set(names)].join(', ')} } from '${from}';\n`;
  });
  return lines.join('') + (needsConnector ? 'declare const connector: Connector;\n' : '');
}

function examplesOf(item: ModelItem): readonly string[] {
  const own = [...textOf(item).matchAll(/^@example\n```ts\n([\s\S]*?)\n```/gm)].map(([, code = '']) => code);
  return [...own, ...(item.members ?? []).flatMap(examplesOf)];
}

/** A comment without its stars. */
function textOf({ docComment = '' }: ModelItem): string {
  return docComment
    .replace(/^\/\*\*\s*|\s*\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^ \* ?/, ''))
    .join('\n');
}
