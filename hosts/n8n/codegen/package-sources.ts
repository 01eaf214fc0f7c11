import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { credentialTypes } from '../credential-types.ts';
import { actionProperties } from '../form/action-properties.ts';
import type { N8nProperty } from '../form/n8n-property.ts';
import { pollTriggerProperties, webhookTriggerProperties } from '../form/trigger-properties.ts';
import { banner } from './banner.ts';
import { eventsCredential } from './events-credential.ts';
import { packageJson } from './package-json.ts';
import { printLiteral } from './print-literal.ts';
import { scimCredential } from './scim-credential.ts';

/** The generated and committed files of the package's folder, by path. */
export function packageSources(
  definition: ConnectorDefinition,
  version: string,
): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', packageJson(version)],
    ...definition.connection.auth.methods.map(
      (method) =>
        [
          `credentials/${credentialTypes[method.type].className}.credentials.ts`,
          scimCredential(definition, method),
        ] as const,
    ),
    ['credentials/ScimEventsApi.credentials.ts', eventsCredential(definition)],
    ...[...propertiesOf(definition)].map(
      ([node, properties]) => [propertiesPath(node, 'ts'), propertiesSource(properties)] as const,
    ),
  ]);
}

/** The compiled files that depend on the definition. An overlay changes only these. */
export function compiledDefinition(
  declaration: ManifestBundle,
  definition: ConnectorDefinition,
): ReadonlyMap<string, string> {
  return new Map([
    ...[...propertiesOf(definition)].map(
      ([node, properties]) => [propertiesPath(node, 'js'), compiledProperties(properties)] as const,
    ),
    ['connector/declaration.json', declarationJson(declaration)],
  ]);
}

/** The parameters of each node, by the name of its class. */
function propertiesOf(definition: ConnectorDefinition): ReadonlyMap<string, readonly N8nProperty[]> {
  return new Map([
    ['Scim', actionProperties(definition)],
    ['ScimTrigger', pollTriggerProperties(definition)],
    ['ScimWebhookTrigger', webhookTriggerProperties(definition)],
  ]);
}

function propertiesPath(node: string, extension: string): string {
  return `nodes/${node}/properties.${extension}`;
}

function propertiesSource(properties: readonly N8nProperty[]): string {
  return `${banner}
import type { INodeProperties } from 'n8n-workflow';

export const properties: INodeProperties[] = ${printLiteral(properties)};
`;
}

/** The same, in the format of the TypeScript compiler. */
function compiledProperties(properties: readonly N8nProperty[]): string {
  return `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.properties = void 0;
exports.properties = ${printLiteral(properties)};
`;
}

/** The data from which the node creates its connector. Four spaces, as in JSON from the TypeScript compiler. */
export function declarationJson(declaration: ManifestBundle): string {
  return `${JSON.stringify(declaration, null, 4)}\n`;
}
