import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Overlay } from '../../connector/manifest/overlay.zod.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { discoverOverlay } from '../../runtime/discover-overlay.ts';
import { commandName } from '../command-name.ts';
import { type ConnectorOptions, connect } from '../context.ts';
import { UsageError } from '../errors.ts';
import { addConnectionOptions, overlayOption, readOverlays } from '../options.ts';
import { starterOverlay } from '../starter-overlay.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall overlay new [FILE]`: writes an overlay to start from. */
export function overlayCommand(terminal: Terminal): Command {
  return new Command('overlay')
    .description("write an overlay: a provider's own attributes and actions")
    .addCommand(newOverlayCommand(terminal));
}

function newOverlayCommand(terminal: Terminal): Command {
  const command = new Command('new')
    .description('write a commented overlay to start from')
    .argument('[file]', 'the file to write, which must not exist', 'overlay.json')
    .option(
      '--from-provider',
      "fill it with the attributes of the provider's /Schemas; requires a connection",
    )
    .addOption(overlayOption())
    .option('--verbose', 'log each request to standard error');
  return addConnectionOptions(command).action(
    async (file: string, options: ConnectorOptions & { fromProvider?: boolean }) => {
      const overlay = options.fromProvider === true ? await fromProvider(options, terminal) : starterOverlay;
      const $schema = `https://unpkg.com/rolecall@${packageJson.version}/schemas/generated/overlay.schema.json`;
      writeNew(file, `${JSON.stringify({ $schema, ...overlay }, null, 2)}\n`);
      const rolecall = commandName({ script: process.argv[1] ?? '', cwd: process.cwd(), env: process.env });
      terminal.err(`${file} is written. Edit it, and check it: ${rolecall} validate ${file}`);
    },
  );
}

async function fromProvider(options: ConnectorOptions, terminal: Terminal): Promise<Overlay> {
  const connector = await connect(options, terminal);
  try {
    const overlay = await discoverOverlay(connector, readOverlays(options.overlay));
    const count = Object.values(overlay.resources ?? {}).flatMap(({ fields = [] }) => fields).length;
    terminal.err(
      count === 0
        ? 'The provider has no attributes that are not in the manifest.'
        : `The provider has ${count} ${count === 1 ? 'attribute that is' : 'attributes that are'} not in the manifest.`,
    );
    return overlay;
  } finally {
    connector.close();
  }
}

/** An existing file can be important. */
function writeNew(file: string, content: string): void {
  try {
    writeFileSync(file, content, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'EEXIST'
        ? `${file} exists. Pass the path of a new file.`
        : `Cannot write ${file}: ${message}. Check the path.`,
    );
  }
}
