import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { defaultConnectionFields } from '../../kit/default-connection-fields.ts';
import { connectionProperties } from '../form/connection-properties.ts';
import { banner } from './banner.ts';
import { printLiteral } from './print-literal.ts';

/** The source code of the credential of a connection. Its fields are in the class, where the linter expects them. */
export function scimCredential(definition: ConnectorDefinition): string {
  const properties = printLiteral(connectionProperties(defaultConnectionFields(definition)), '    ');
  return `${banner}
import type {
    IAuthenticateGeneric,
    Icon,
    ICredentialTestRequest,
    ICredentialType,
    INodeProperties,
} from 'n8n-workflow';

export class ScimApi implements ICredentialType {
    name = 'scimApi';
    displayName = 'SCIM API';
    icon: Icon = { light: 'file:../icons/scim.svg', dark: 'file:../icons/scim.dark.svg' };
    documentationUrl = 'https://github.com/rolecall/rolecall/blob/main/docs/hosts/n8n.md#connect';
    properties: INodeProperties[] = ${properties};
    authenticate: IAuthenticateGeneric = {
        type: 'generic',
        properties: { headers: { Authorization: '=Bearer {{ $credentials.token.trim() }}' } },
    };
    test: ICredentialTestRequest = {
        request: {
            // As in the nodes: the token is never sent unencrypted, and never follows a redirect.
            baseURL:
                '={{ $credentials.baseUrl.trim().replace(/\\\\/+$/, "").replace($credentials.allowPlainHttp ? /^$/ : /^http:(?!\\\\/\\\\/(localhost|127(\\\\.\\\\d+){3}|\\\\[::1\\\\])([:\\\\/]|$))/i, "https:") }}',
            disableFollowRedirect: true,
            url: '/Users',
            qs: { count: 1 },
            headers: { Accept: 'application/scim+json, application/json;q=0.9' },
        },
        rules: [
            {
                type: 'responseSuccessBody',
                properties: {
                    key: 'schemas',
                    value: undefined,
                    message: 'The response is not a list of users. Check that the base URL is that of the SCIM service.',
                },
            },
        ],
    };
}
`;
}
