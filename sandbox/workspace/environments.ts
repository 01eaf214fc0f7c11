/** The environments of a workspace. */
export const environments = ['dev', 'test', 'prod'] as const;

/** One of the environments of a workspace. */
export type Environment = (typeof environments)[number];

/** A value for each environment. */
export type PerEnvironment<T> = { readonly [environment in Environment]: T };

/** The role extension's URN. Source: docs.workato.com/en/scim-okta.html. */
export const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

/**
 * The attribute that holds the role in an environment, in the SCIM extension and in SAML assertions alike; DEV is
 * the default environment. Source: docs.workato.com/en/scim-okta.html, user-accounts-and-teams/saml-role-sync.html.
 */
export const roleAttributes: PerEnvironment<string> = {
  dev: 'workato_role',
  test: 'workato_role_test',
  prod: 'workato_role_prod',
};

/** Creates a value for each environment. */
export function perEnvironment<T>(make: (environment: Environment) => T): PerEnvironment<T> {
  return { dev: make('dev'), test: make('test'), prod: make('prod') };
}
