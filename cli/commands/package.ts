import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Argument, Command } from 'commander';
import type { Packager } from '../../hosts/packager.ts';
import { packagers } from '../../hosts/packagers.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { type DefinitionOptions, definitionOf } from '../context.ts';
import { overlayOption } from '../overlay-option.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** `rolecall package HOST --out DIR`: writes what a host takes. */
export function packageCommand(terminal: Terminal): Command {
  const hosts = packagers.map(({ name, title }) => `  ${name.padEnd(10)}${title}`).join('\n');
  return new Command('package')
    .description('write the connector in the form that a host takes')
    .addArgument(new Argument('<host>', 'the host').choices(packagers.map(({ name }) => name)))
    .requiredOption('--out <dir>', 'the folder to write to; it is made where it is not there')
    .addOption(overlayOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nHosts:\n${hosts}`)
    .action((host: string, options: DefinitionOptions & { out: string; json?: boolean }) => {
      const { version } = packageJson;
      const files = packagerNamed(host).package(definitionOf(options), { version });
      for (const [path, content] of files) write(join(options.out, path), content);
      const written = [...files.keys()];
      terminal.out(
        options.json === true
          ? JSON.stringify({ host, out: options.out, files: written })
          : `${written.length} files are in ${options.out}: ${written.join(', ')}`,
      );
    });
}

function packagerNamed(name: string): Packager {
  const packager = packagers.find((one) => one.name === name);
  if (packager === undefined) throw new UsageError(`There is no host "${name}"`);
  return packager;
}

function write(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
