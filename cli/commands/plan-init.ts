import { statSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { readDesired } from '../../runtime/node/desired/read-desired.ts';
import { didYouMean } from '../../schemas/did-you-mean.ts';
import { printableLine } from '../../schemas/printable.ts';
import { attributeNames, type ColumnMap, type ColumnRule, readColumn } from '../../sync/column-map.ts';
import { type SuggestedColumn, suggestMap } from '../../sync/suggest-map.ts';
import { syncedResources } from '../../sync/synced-resources.ts';
import { definitionOf } from '../context.ts';
import { UsageError } from '../errors.ts';
import { overlayOption } from '../options.ts';
import { isolateNames } from '../right-to-left.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { once, writeOutput } from '../write-output.ts';

interface PlanInitOptions {
  readonly out: string;
  readonly overlay: readonly string[];
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `rolecall plan init`: previews the columns of a sheet, and writes a map of what they mean. */
export function planInitCommand(terminal: Terminal): Command {
  return new Command('init')
    .description('preview the columns of a sheet, and write a map of what they mean')
    .argument('<file>', 'the sheet: CSV, JSON, or JSON lines, in a file or at an https: URL')
    .option('--out <file>', 'where to write the map', 'columns.json')
    .option('--force', 'replace an existing file')
    .option('--yes', 'do not ask about columns that are not certain')
    .option('--json', 'print the map, and write nothing')
    .addOption(overlayOption())
    .addHelpText('after', '\nExample:\n  rolecall plan init people.csv --out columns.json')
    .action(async (file: string, options: PlanInitOptions) => {
      const { users: definition } = syncedResources(definitionOf(options));
      const { users, columns: named, notes = [] } = await readDesired(file);
      const { ready, columns } = suggestMap(definition, users, named);
      if (columns.length === 0)
        throw new UsageError(`${file} has no columns. Pass a sheet with a header, or a list of users.`);
      for (const note of notes) terminal.err(note);
      const isAsked =
        options.yes !== true && options.json !== true && process.stdin.isTTY === true && terminal.isScreen;
      const preview = previewOf(columns, terminal);
      if (options.json !== true)
        for (const line of isolateNames(preview, terminal.isScreen)) terminal.out(line);
      const chosen = isAsked ? await askForColumns(columns, definition) : columns;
      const map: ColumnMap = Object.fromEntries(chosen.map(({ name, rule }) => [name, rule]));
      if (options.json === true) {
        terminal.out(JSON.stringify(map));
        return;
      }
      if (ready !== undefined)
        terminal.err(`These are the columns of ${ready}: --map ${ready} needs no file.`);
      await writeMap(map, options);
      const uncertain = isAsked ? 0 : columns.filter(({ isGuess }) => isGuess).length;
      const check =
        uncertain === 0
          ? ''
          : ` Check the ${uncertain === 1 ? 'column' : `${uncertain} columns`} with a question mark first.`;
      terminal.err(
        `The map is in ${options.out}.${check} To use it: rolecall plan --desired ${file} --map ${options.out}`,
      );
    });
}

function previewOf(columns: readonly SuggestedColumn[], { columns: width }: Terminal): readonly string[] {
  const rows = columns.map(({ name, rule, isGuess, samples }) => [
    name,
    `${attributeOf(rule) ?? 'ignored'}${isGuess ? ' ?' : ''}`,
    samples.join(' | '),
  ]);
  return table(['column', 'attribute', 'values'], rows, width);
}

function attributeOf(rule: string | ColumnRule | null): string | undefined {
  return typeof rule === 'string' ? rule : rule?.attribute;
}

/** Asks what the uncertain columns mean, until the answer is an attribute, or nothing for an ignored column. */
async function askForColumns(
  columns: readonly SuggestedColumn[],
  definition: Parameters<typeof readColumn>[0],
): Promise<readonly SuggestedColumn[]> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const asked: SuggestedColumn[] = [];
  try {
    for (const column of columns) {
      let { rule } = column;
      while (column.isGuess) {
        const suggestion = attributeOf(rule) ?? '-';
        const answer = (
          await lines.question(`${printableLine(column.name)}: attribute, or - to ignore it [${suggestion}] `)
        ).trim();
        const chosen = answer === '' ? suggestion : answer;
        rule = chosen === '-' ? null : chosen;
        const problem = readColumn(definition, column.name, rule);
        if (typeof problem !== 'string') break;
        const hint = didYouMean(chosen, attributeNames(definition));
        process.stderr.write(`${hint === '' ? problem : `Unknown${hint}.`}\n`);
        rule = column.rule;
      }
      asked.push({ ...column, rule });
    }
    return asked;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
    process.stderr.write('\n');
    throw new UsageError('Stopped. No map was written.');
  } finally {
    lines.close();
  }
}

function writeMap(map: ColumnMap, { out, force = false }: PlanInitOptions): Promise<void> {
  if (!force && statSync(out, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new UsageError(`${out} exists. Pass another file to --out, or --force to replace it.`);
  return writeOutput(once(`${JSON.stringify(map, null, 2)}\n`), out);
}
