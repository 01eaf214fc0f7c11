import { Command } from 'commander';
import { checkSamples } from '../../connector/definition/check-samples.ts';
import { compileManifest } from '../../connector/definition/compile-manifest.ts';
import { ManifestError } from '../../connector/manifest/manifest-error.ts';
import { parseManifest, parseOverlay } from '../../connector/manifest/parse-manifest.zod.ts';
import { loadManifest } from '../../runtime/load-manifest.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { readJsonFile } from '../options.ts';
import type { Terminal } from '../terminal.ts';

/** `rolecall validate [MANIFEST]`: checks a manifest, or an overlay of this package's manifest. */
export function validateCommand(terminal: Terminal): Command {
  return new Command('validate')
    .description('check a manifest or an overlay')
    .argument('[manifest]', "the file to check (default: this package's own manifest)")
    .option('--json', 'print JSON')
    .action((path: string | undefined, { json }: { json?: boolean }) => {
      const { actions, triggers, resources } = validate(path);
      const result = {
        valid: true,
        actions: actions.length,
        triggers: triggers.length,
        resources: Object.keys(resources),
      };
      terminal.out(
        json === true
          ? JSON.stringify(result)
          : `${path ?? 'manifest.json'} is valid: ${result.actions} actions and ${result.triggers} triggers on ${result.resources.join(' and ')}.`,
      );
    });
}

function validate(path: string | undefined): ReturnType<typeof compileManifest> {
  const source = path ?? 'manifest.json';
  const content = path === undefined ? undefined : readJsonFile(path);
  const isOverlay = isRecord(content) && 'overlayVersion' in content;
  if (isRecord(content) && !isOverlay && !('manifestVersion' in content))
    throw new ManifestError(source, [
      {
        path: '',
        message:
          'has no version: add "overlayVersion": 1 if it is an overlay, or "manifestVersion": 1 if it is a manifest',
      },
    ]);
  const declaration = loadManifest(isOverlay ? [parseOverlay(content, source)] : []);
  const manifest = content === undefined || isOverlay ? declaration.manifest : parseManifest(content, source);
  const definition = compileManifest({ ...declaration, manifest }, source);
  const problems = checkSamples(definition);
  if (problems.length > 0) throw new ManifestError(source, problems);
  return definition;
}
