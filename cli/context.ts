import { defineConnector } from '../connector/definition/define-connector.ts';
import type { ConnectorDefinition } from '../connector/definition/definition.ts';
import { type Connector, createConnector } from '../runtime/create-connector.ts';
import { discoverOverlay } from '../runtime/discover-overlay.ts';
import { readDeclaration } from '../runtime/read-declaration.ts';
import { type ConnectionOptions, readConnectionOptions } from './connection-options.ts';
import { readOverlays } from './overlay-option.ts';

/** The options that say which definition a command works on. */
export interface DefinitionOptions {
  readonly overlay: readonly string[];
}

/** The definition of this package, with the overlays of the command line. */
export function definitionOf({ overlay }: DefinitionOptions): ConnectorDefinition {
  return defineConnector(readDeclaration(readOverlays(overlay)));
}

/** The options of a command that talks to a provider. */
export type ConnectorOptions = DefinitionOptions &
  ConnectionOptions & { readonly discover?: boolean; readonly verbose?: boolean };

/** Connects; with `--discover`, once more with the provider's own attributes. The caller closes it. */
export async function connect(options: ConnectorOptions, log: (line: string) => void): Promise<Connector> {
  const overlays = readOverlays(options.overlay);
  const input = readConnectionOptions(options, defineConnector(readDeclaration(overlays)));
  const logging = options.verbose === true ? { log: (entry: object) => log(JSON.stringify(entry)) } : {};
  const connector = createConnector({ ...input, ...logging, overlays });
  if (options.discover !== true) return connector;
  try {
    return createConnector({
      ...input,
      ...logging,
      overlays: [...overlays, await discoverOverlay(connector, overlays)],
    });
  } finally {
    connector.close();
  }
}
