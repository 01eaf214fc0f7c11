import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { sourceProperties } from '../form/source-properties.ts';
import { banner } from './banner.ts';
import { printLiteral } from './print-literal.ts';

/** The source code of the credential of an event source. The nodes that use it test it. */
export function eventsCredential({ sources }: ConnectorDefinition): string {
  return `${banner}
import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class ScimEventsApi implements ICredentialType {
    name = 'scimEventsApi';
    displayName = 'SCIM Events API';
    icon: Icon = { light: 'file:../icons/scim.svg', dark: 'file:../icons/scim.dark.svg' };
    documentationUrl = 'https://github.com/rolecall/rolecall/blob/main/docs/hosts/n8n.md#events';
    properties: INodeProperties[] = ${printLiteral(sourceProperties(sources), '    ')};
}
`;
}
