import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { bundleFields, callTimeoutInSeconds, settingVariables, variableOf } from '../bundle-layout.ts';
import { defaultMaxCallInMs } from '../call-time.ts';
import { defaultToolset, type ToolsetName, toolsetNames } from '../toolsets.ts';
import type { bundleTitles } from '../words.ts';

/** What a person has entered for a bundle. */
export interface BundleSettings {
  /** The fields of the connection, by their keys. */
  readonly connection: Readonly<Record<string, string>>;
  readonly toolset: ToolsetName;
  readonly allowsDestructive: boolean;
  readonly maxCallInMs: number;
}

/** Reads the settings from the environment. @throws ConnectorError `invalid_input` with the key of a wrong one */
export function readBundleSettings(
  definition: ConnectorDefinition,
  env: Readonly<Record<string, string | undefined>>,
): BundleSettings {
  const entered = (variable: string): string | undefined => {
    const value = env[variable]?.trim();
    // Some clients pass on the name of a setting that nobody has filled in.
    return value === '' || value?.startsWith('${user_config.') ? undefined : value;
  };
  return {
    connection: Object.fromEntries(
      bundleFields(definition).flatMap(({ key }) => {
        const value = entered(variableOf(key));
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    toolset: readToolset(entered(settingVariables.tools)),
    allowsDestructive: entered(settingVariables.allowDestructive) === 'true',
    maxCallInMs: readCallTimeout(entered(settingVariables.callTimeout)),
  };
}

function readToolset(value: string = defaultToolset): ToolsetName {
  const toolset = toolsetNames.find((name) => name === value);
  if (toolset !== undefined) return toolset;
  throw wrongSetting('tools', `must be ${toolsetNames.join(', ')}`);
}

function readCallTimeout(value = String(defaultMaxCallInMs / 1000)): number {
  const { min, max } = callTimeoutInSeconds;
  const seconds = Number(value);
  if (seconds >= min && seconds <= max) return Math.round(seconds * 1000);
  throw wrongSetting('callTimeout', `must be a number from ${min} to ${max}`);
}

function wrongSetting(path: keyof typeof bundleTitles, message: string): Error {
  return invalidInput([{ path, message }]);
}
