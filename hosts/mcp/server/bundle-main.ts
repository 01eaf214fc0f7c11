import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import { limitDeadline } from '../../../connector/limit-deadline.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { withProfile } from '../../../connector/profile.ts';
import { connectorOf } from '../../../runtime/create-connector.ts';
import { readTextAsset } from '../../kit/read-asset.ts';
import { bundleFields, bundlePaths, settingVariables, variableOf } from '../bundle-layout.ts';
import { defaultMaxCallInMs, maxDeadlineOf } from '../call-time.ts';
import { defaultToolset, toolsetNames } from '../toolsets.ts';
import { serveOverStdio } from './serve-stdio.ts';

// The server of a bundle: its definition is a file of the bundle, and its settings are in the environment.
const { env } = process;
const declaration = JSON.parse(readTextAsset(bundlePaths.declaration)) as ManifestBundle;
const { version } = JSON.parse(readTextAsset('package.json')) as { readonly version: string };
const definition = compileManifest(declaration, bundlePaths.declaration);
const given = Object.fromEntries(
  bundleFields(definition).flatMap(({ key }) => {
    const value = env[variableOf(key)];
    return value === undefined || value === '' ? [] : [[key, value]];
  }),
);
const toolset = toolsetNames.find((name) => name === env[settingVariables.tools]) ?? defaultToolset;
const allowsDestructive = env[settingVariables.allowDestructive] === 'true';
const maxCallInMs = Number(env[settingVariables.callTimeout]) * 1000 || defaultMaxCallInMs;
const stopped = new AbortController();
process.once('SIGINT', () => stopped.abort()).once('SIGTERM', () => stopped.abort());

// What is missing in the environment is an error of the connection.
const connector = connectorOf(
  definition,
  limitDeadline(
    definition,
    withProfile(definition.profile, given as { readonly baseUrl: string; readonly token: string }),
    maxDeadlineOf(maxCallInMs),
  ),
);
try {
  await serveOverStdio({ connector, toolset, allowsDestructive, maxCallInMs, version }, stopped.signal);
} finally {
  connector.close();
}
