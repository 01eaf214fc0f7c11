import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import type { PackageContext, PackageFiles } from '../packagers.ts';
import { writeConnector } from './write-connector.ts';

/** Makes a custom connector for Workato's Connector SDK, with everything that its Community library page needs. */
export function packageWorkato(definition: ConnectorDefinition, context: PackageContext): PackageFiles {
  void context;
  return new Map([['connector.rb', writeConnector(definition)]]);
}
