import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { defaultConnectionFields } from '../kit/default-connection-fields.ts';

/** Where the parts of a bundle are, from its root. */
export const bundlePaths = {
  server: 'server/main.js',
  declaration: 'server/declaration.json',
} as const;

/** The fields of a connection that a client asks for: those of the default method to authenticate. */
export function bundleFields(definition: ConnectorDefinition): readonly Field[] {
  return defaultConnectionFields(definition).filter(({ advanced, required }) => required || !advanced);
}

/** The environment variable of a setting in a bundle: `ROLECALL_BASE_URL`. */
export function variableOf(key: string): string {
  return `ROLECALL_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** The range of the longest time of a call. */
export const callTimeoutInSeconds = { min: 5, max: 3600 } as const;

/** The settings of a server in a bundle, next to those of the connection. */
export const settingVariables = {
  tools: variableOf('tools'),
  allowDestructive: variableOf('allowDestructive'),
  /** In seconds. */
  callTimeout: variableOf('callTimeout'),
} as const;
