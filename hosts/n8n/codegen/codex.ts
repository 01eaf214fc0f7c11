/** What people type into n8n's search for nodes. */
const aliases = [
  'provisioning',
  'deprovisioning',
  'onboarding',
  'offboarding',
  'joiner',
  'mover',
  'leaver',
  'user',
  'group',
  'role',
  'member',
  'account',
  'directory',
  'identity',
  'identity management',
  'iam',
  'idp',
  'access',
  'rbac',
  'sso',
  'security',
  'hr',
  'sync',
  'scim 2.0',
  'workato',
  'okta',
  'entra',
  'azure ad',
  'onelogin',
  'slack',
  'github',
  'keycloak',
  'workos',
];

const guide = 'https://github.com/rolecall/rolecall/blob/main/docs/hosts/n8n.md';

/** The metadata by which n8n finds a node. @param name of the node's type */
export function codex(name: string): string {
  const json = {
    node: `n8n-nodes-scim-provisioning.${name}`,
    nodeVersion: '1.0',
    codexVersion: '1.0',
    categories: ['Development', 'Productivity', 'Utility'],
    subcategories: {},
    alias: aliases,
    resources: {
      primaryDocumentation: [{ url: guide }],
      credentialDocumentation: [{ url: `${guide}#connect` }],
    },
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
