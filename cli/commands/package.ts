import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Argument, Command } from 'commander';
import { compileManifest } from '../../connector/definition/compile-manifest.ts';
import { hostHeads, hostRows } from '../../hosts/kit/host-rows.ts';
import { packagers } from '../../hosts/packagers.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { loadManifest } from '../../runtime/load-manifest.ts';
import { writeTo } from '../../runtime/node/cannot-write.ts';
import type { DefinitionOptions } from '../context.ts';
import { UsageError } from '../errors.ts';
import { overlayOption, readOverlays } from '../options.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall package HOST --out DIR`: writes a package for a workflow engine. Without a host, it lists the hosts. */
export function packageCommand(terminal: Terminal): Command {
  const hosts = packagers.map(({ name }) => name);
  return new Command('package')
    .description(
      'write a package for a workflow engine; without a host, list what each one can and cannot do',
    )
    .addArgument(
      new Argument('[host]', packagers.map(({ name, title }) => `${name}: ${title}`).join('; ')).choices(
        hosts,
      ),
    )
    .option('--out <dir>', 'the output folder, which must be new or empty')
    .addOption(overlayOption())
    .action((host: string | undefined, { out, ...options }: DefinitionOptions & { out?: string }) => {
      if (host === undefined) {
        listHosts(out, terminal);
        return;
      }
      if (out === undefined) throw new UsageError('--out is missing. Pass the folder for the package.');
      const packager = packagers.find(({ name }) => name === host);
      if (packager === undefined)
        throw new UsageError(`There is no host "${host}". The hosts are: ${hosts.join(', ')}.`);
      const declaration = loadManifest(readOverlays(options.overlay));
      const files = packager.package(compileManifest(declaration), {
        version: packageJson.version,
        declaration,
      });
      requireEmpty(out);
      for (const [path, content] of files) {
        const file = join(out, path);
        writeTo(file, () => {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, content);
        });
      }
      terminal.err(`${files.size} files written to ${out}. ${packager.nextStep(out)}`);
    });
}

/** @throws UsageError if a folder is given, which only the package of a host can be written to */
function listHosts(out: string | undefined, terminal: Terminal): void {
  if (out !== undefined) throw new UsageError('--out requires a host. "rolecall package" lists the hosts.');
  for (const line of table(hostHeads, hostRows(packagers), terminal.columns)) terminal.out(line);
}

/** Existing files could be important, and remaining ones would become part of the package. */
function requireEmpty(folder: string): void {
  let found: readonly string[];
  try {
    found = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new UsageError(`${folder} cannot be read. Pass the path of a folder.`);
  }
  if (found.length > 0) throw new UsageError(`${folder} is not empty. Pass a new folder, or empty it.`);
}
