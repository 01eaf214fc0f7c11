import { Command, Option } from 'commander';
import { type ConnectorOptions, connect } from '../context.ts';
import { UsageError } from '../errors.ts';
import { addConnectionOptions, filterFlag, overlayOption, withFlags } from '../options.ts';
import { listenForShutdown } from '../shutdown-signals.ts';
import { createProgress, type Terminal } from '../terminal.ts';
import { writeOutput } from '../write-output.ts';

type Options = ConnectorOptions & {
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly columns?: readonly string[];
  readonly filter?: string;
  readonly separator: keyof typeof separators;
  readonly bom?: boolean;
  readonly out?: string;
};

/** `rolecall export users|groups`: writes every user or group to a file or to standard output. */
export function exportCommand(terminal: Terminal): Command {
  const command = new Command('export')
    .description('write every user or group of a provider as CSV or JSON; nothing is changed')
    .argument('<what>', 'users or groups')
    .option('--csv', 'one row for each, which is the default')
    .option('--json', 'one JSON list')
    .option('--ndjson', 'one JSON object on each line')
    .addOption(
      new Option(
        '--columns <names>',
        'attributes with commas between them, such as userName,emails,name.givenName; default: for CSV the usual ones, for JSON all',
      ).argParser(readNames),
    )
    .option('--filter <filter>', 'only those that match, such as \'department eq "Sales"\'')
    .addOption(
      new Option('--separator <character>', 'between the cells of CSV: comma, semicolon, or tab')
        .choices(Object.keys(separators))
        .default('comma'),
    )
    .option('--bom', 'begin CSV with a byte order mark, so that Excel reads it as UTF-8')
    .option('--out <file>', 'write to a file, which is there only once it is complete')
    .addOption(overlayOption())
    .option('--discover', "also accept the provider's own attributes")
    .option('--verbose', 'log each request to standard error');
  return addConnectionOptions(command)
    .addHelpText(
      'after',
      '\nA list that ends early is an error. On standard output, trust what you have only if the exit code is 0.\nIn CSV, a value that a spreadsheet would compute (= + - @ tab) begins with an apostrophe; plan and run take it off again.\n\nExample:\n  rolecall export users --columns userName,active,workato_role --out people.csv \\\n    --base-url https://workato.com/scim/v2 --token-env SCIM_TOKEN',
    )
    .action((what: string, options: Options) => runExport(what, options, terminal));
}

const separators = { comma: ',', semicolon: ';', tab: '\t' } as const;

async function runExport(what: string, options: Options, terminal: Terminal): Promise<void> {
  const format = formatOf(options);
  if (what !== 'users' && what !== 'groups')
    throw new UsageError(`"${what}" cannot be exported. Pass users or groups.`);
  const { columns, filter, separator, bom, out, json = false } = options;
  // As elsewhere, messages stay off standard error only where a script reads JSON.
  const connector = await connect({ ...options, json }, terminal);
  const { drain, release } = listenForShutdown();
  try {
    const progress = createProgress(terminal);
    const text = connector.export(what, {
      format,
      columns,
      filter,
      separator: separators[separator],
      bom,
      signal: drain,
      // On a terminal, the lines of the export would overwrite a bar.
      onProgress: json || (out === undefined && terminal.isScreen) ? undefined : progress.onProgress,
      onNote: (note) => terminal.err(`Note: ${note}`),
    });
    await withFlags(filterFlag, () => writeOutput(text, out, drain));
    progress.finish();
    if (out !== undefined && !json) terminal.err(`The export is in ${out}.`);
  } finally {
    release();
    connector.close();
  }
}

/** @throws UsageError if several formats are chosen, or options of another one */
function formatOf({ csv, json, ndjson, separator, bom }: Options): 'csv' | 'json' | 'ndjson' {
  const formats = { csv, json, ndjson };
  const chosen = (['csv', 'json', 'ndjson'] as const).filter((format) => formats[format] === true);
  if (chosen.length > 1) throw new UsageError('Pass one of --csv, --json, and --ndjson.');
  const [format = 'csv'] = chosen;
  if (format !== 'csv' && (separator !== 'comma' || bom === true))
    throw new UsageError('--separator and --bom are for CSV. Omit them, or pass --csv.');
  return format;
}

function readNames(text: string): readonly string[] {
  return text
    .split(/,(?![^[]*\])/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
