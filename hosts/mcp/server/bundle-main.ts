import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { withProfile } from '../../../connector/profile.ts';
import { renameFields } from '../../../connector/rename-fields.ts';
import { connectorOf } from '../../../runtime/create-connector.ts';
import { readTextAsset } from '../../kit/read-asset.ts';
import { bundlePaths } from '../bundle-layout.ts';
import { timeLimitsOf } from '../call-time.ts';
import { bundleWords } from '../words.ts';
import { readBundleSettings } from './bundle-settings.ts';
import type { ServerSettings } from './create-server.ts';
import { serveOverStdio } from './serve-stdio.ts';

// The server of a bundle: its definition is a file of the bundle, and its settings are in the environment.
const declaration = JSON.parse(readTextAsset(bundlePaths.declaration)) as ManifestBundle;
const { version } = JSON.parse(readTextAsset('package.json')) as { readonly version: string };
const definition = compileManifest(declaration, bundlePaths.declaration);
const words = bundleWords(definition);
const stopped = new AbortController();
process.once('SIGINT', () => stopped.abort()).once('SIGTERM', () => stopped.abort());

function readSettings(): ServerSettings {
  const { connection, ...settings } = readBundleSettings(definition, process.env);
  // What is missing in the environment is an error of the connection.
  const options = withProfile(definition.profile, connection as { baseUrl: string; token: string });
  const limited = { ...options, ...timeLimitsOf(definition, settings.maxCallInMs) };
  return { ...settings, connector: connectorOf(definition, limited), words, version };
}

try {
  const settings = readSettings();
  try {
    await serveOverStdio(settings, stopped.signal);
  } finally {
    settings.connector.close();
  }
} catch (error) {
  // A client shows what a server writes to standard error: a stack says nothing to the person who fills in the settings.
  if (!(error instanceof ConnectorError)) throw error;
  process.stderr.write(`${renameFields(error, words.nameOf).message}\n`);
  process.exitCode = 1;
}
