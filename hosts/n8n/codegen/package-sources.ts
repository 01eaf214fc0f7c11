import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { credentialTypes } from '../credential-types.ts';
import { actionProperties } from '../form/action-properties.ts';
import type { N8nProperty } from '../form/n8n-property.ts';
import { subtitleOf } from '../form/subtitle.ts';
import { pollPanel, type TriggerPanel, webhookPanel } from '../form/trigger-panel.ts';
import { pollTriggerProperties, webhookTriggerProperties } from '../form/trigger-properties.ts';
import { banner } from './banner.ts';
import { codex } from './codex.ts';
import { eventsCredential } from './events-credential.ts';
import { outputSchemas } from './output-schemas.ts';
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
    ...[...formsOf(definition)].flatMap(
      ([node, form]) =>
        [
          [formPath(node, 'ts'), formSource(form)],
          [`nodes/${node}/${node}.node.json`, codex(node.replace(/^./, (first) => first.toLowerCase()))],
        ] as const,
    ),
    ...outputSchemas(definition),
  ]);
}

/** The compiled files that depend on the definition. An overlay changes only these. */
export function compiledDefinition(
  declaration: ManifestBundle,
  definition: ConnectorDefinition,
): ReadonlyMap<string, string> {
  return new Map([
    ...[...formsOf(definition)].map(([node, form]) => [formPath(node, 'js'), compiledForm(form)] as const),
    ...outputSchemas(definition),
    ['connector/declaration.json', declarationJson(declaration)],
  ]);
}

/** The generated parts of a node's description. */
interface NodeForm {
  readonly properties: readonly N8nProperty[];
  readonly subtitle?: string;
  readonly triggerPanel?: TriggerPanel;
}

/** The forms of each node, by the name of its class. */
function formsOf(definition: ConnectorDefinition): ReadonlyMap<string, NodeForm> {
  const actions = actionProperties(definition);
  return new Map<string, NodeForm>([
    ['Scim', { properties: actions, subtitle: subtitleOf(actions) }],
    ['ScimTrigger', { properties: pollTriggerProperties(definition), triggerPanel: pollPanel }],
    ['ScimWebhookTrigger', { properties: webhookTriggerProperties(definition), triggerPanel: webhookPanel }],
  ]);
}

function formPath(node: string, extension: string): string {
  return `nodes/${node}/properties.${extension}`;
}

function formSource({ properties, subtitle, triggerPanel }: NodeForm): string {
  const types = ['INodeProperties', ...(triggerPanel === undefined ? [] : ['TriggerPanelDefinition'])];
  const panel =
    triggerPanel === undefined
      ? ''
      : `
export const triggerPanel: TriggerPanelDefinition = ${printLiteral(triggerPanel)};
`;
  const line = subtitle === undefined ? '' : `\nexport const subtitle = ${printLiteral(subtitle)};\n`;
  return `${banner}
import type { ${types.join(', ')} } from 'n8n-workflow';

export const properties: INodeProperties[] = ${printLiteral(properties)};
${line}${panel}`;
}

/** The same, in the format of the TypeScript compiler. */
function compiledForm(form: NodeForm): string {
  const entries = Object.entries(form);
  const names = entries.map(([name]) => `exports.${name}`).toReversed();
  return `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
${names.join(' = ')} = void 0;
${entries.map(([name, value]) => `exports.${name} = ${printLiteral(value)};\n`).join('')}`;
}

/** The data from which the node creates its connector. Four spaces, as in JSON from the TypeScript compiler. */
export function declarationJson(declaration: ManifestBundle): string {
  return `${JSON.stringify(declaration, null, 4)}\n`;
}
