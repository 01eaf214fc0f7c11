import type { AuthType } from '../../connector/manifest/connection.zod.ts';

/** The n8n credential of an authentication method. Users' workflows store the names, so they must never be changed. */
export interface CredentialType {
  readonly name: string;
  readonly className: string;
  readonly displayName: string;
  /** Whether it extends a credential of n8n. */
  readonly isExtension?: true;
  /** The names of fields that differ from their keys in the manifest, by key. */
  readonly fieldNames: Readonly<Record<string, string>>;
}

/** The credentials of a connection, one for each method that a manifest can declare. */
export const credentialTypes: Readonly<Record<AuthType, CredentialType>> = {
  bearer: { name: 'scimApi', className: 'ScimApi', displayName: 'SCIM API', fieldNames: {} },
  oauth_client_credentials: {
    name: 'scimOAuth2Api',
    className: 'ScimOAuth2Api',
    displayName: 'SCIM OAuth2 API',
    isExtension: true,
    // n8n's oAuth2Api has these fields.
    fieldNames: { tokenUrl: 'accessTokenUrl', clientAuthentication: 'authentication' },
  },
  basic: {
    name: 'scimBasicApi',
    className: 'ScimBasicApi',
    displayName: 'SCIM Basic Auth API',
    fieldNames: {},
  },
  header: {
    name: 'scimHeaderApi',
    className: 'ScimHeaderApi',
    displayName: 'SCIM Header Auth API',
    // n8n's linter recognizes secrets by their names.
    fieldNames: { headerValue: 'headerSecret' },
  },
};

/** The name of the credential of an event source. */
export const eventsCredentialName = 'scimEventsApi';

/** The values of the field `authentication` of n8n's oAuth2Api, by those of the manifest. */
export const clientAuthentications: Readonly<Record<string, string>> = {
  client_secret_basic: 'header',
  client_secret_post: 'body',
};
