import type { AuthMethodDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { AuthType } from '../../../connector/manifest/connection.zod.ts';
import { credentialTypes } from '../credential-types.ts';
import { connectionProperties } from '../form/connection-properties.ts';
import { banner } from './banner.ts';
import { printLiteral } from './print-literal.ts';

/**
 * The source code of the credential of a connection with one method. Its fields are in the class, where the linter expects
 * them.
 */
export function scimCredential(definition: ConnectorDefinition, method: AuthMethodDefinition): string {
  const { name, className, displayName } = credentialTypes[method.type];
  const isOAuth2 = method.type === 'oauth_client_credentials';
  const types = [
    ...(isOAuth2 ? [] : ['IAuthenticateGeneric']),
    'Icon',
    ...(isOAuth2 ? ['ICredentialTestRequest'] : []),
    'ICredentialType',
    'INodeProperties',
  ];
  return `${banner}
import type { ${types.join(', ')} } from 'n8n-workflow';

export class ${className} implements ICredentialType {
    name = '${name}';${isOAuth2 ? "\n    extends = ['oAuth2Api'];" : ''}
    displayName = '${displayName}';
    icon: Icon = { light: 'file:../icons/scim.svg', dark: 'file:../icons/scim.dark.svg' };
    documentationUrl = 'https://github.com/rolecall/rolecall/blob/main/docs/hosts/n8n.md#connect';
    properties: INodeProperties[] = ${printLiteral(connectionProperties(definition, method), '    ')};
${endings[method.type]}}
`;
}

function authenticate(properties: string): string {
  return `    authenticate: IAuthenticateGeneric = {
        type: 'generic',
        properties: { ${properties} },
    };
`;
}

/** How n8n authenticates a request. The nodes test these credentials, except that of OAuth2, which n8n does not let them test. */
const endings: Readonly<Record<AuthType, string>> = {
  bearer: authenticate("headers: { Authorization: '=Bearer {{ $credentials.token.trim() }}' }"),
  basic: authenticate(
    "auth: { username: '={{ $credentials.username.trim() }}', password: '={{ $credentials.password.trim() }}' }",
  ),
  header: authenticate(
    "headers: { '={{ $credentials.headerName.trim() }}': '={{ $credentials.headerSecret.trim() }}' }",
  ),
  oauth_client_credentials: `    test: ICredentialTestRequest = {
        request: {
            // As in the nodes: the token is never sent unencrypted, and never follows a redirect.
            baseURL:
                '={{ $credentials.baseUrl.trim().replace(/\\\\/+$/, "").replace($credentials.advancedSettings && $credentials.allowPlainHttp ? /^$/ : /^http:(?!\\\\/\\\\/(localhost|127(\\\\.\\\\d+){3}|\\\\[::1\\\\])([:\\\\/]|$))/i, "https:") }}',
            disableFollowRedirect: true,
            url: '/Users',
            qs: { count: 1 },
            headers: { Accept: 'application/scim+json, application/json;q=0.9' },
        },
        // n8n applies rules of both kinds, but its type allows only one.
        rules: [
            {
                type: 'responseCode',
                properties: {
                    value: 401,
                    message:
                        'The provider rejected an access token that the token endpoint had just issued. Check "Audience", "Resource", and "Scope": the token may be for another API.',
                },
            },
            {
                type: 'responseCode',
                properties: {
                    value: 403,
                    message:
                        'The access token does not have permission to read users. Add the scope to "Scope", and grant it to the client at the authorization server.',
                },
            },
            {
                type: 'responseCode',
                properties: {
                    value: 404,
                    message:
                        'The provider has no list of users (status 404). Check that "SCIM Base URL" ends where "/Users" begins.',
                },
            },
            {
                type: 'responseSuccessBody',
                properties: {
                    key: 'schemas',
                    value: undefined,
                    message: 'The response is not a list of users. Check that "SCIM Base URL" is that of the SCIM service.',
                },
            },
        ] as ICredentialTestRequest['rules'],
    };
`,
};
