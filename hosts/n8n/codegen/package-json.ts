import { credentialTypes } from '../credential-types.ts';

/** The package.json of the node package, in its folder and in its tarball. */
export function packageJson(version: string): string {
  const json = {
    name: 'n8n-nodes-scim-provisioning',
    version,
    description: 'Create, update, and deprovision users, and react to changes, in any SCIM 2.0 provider',
    license: 'MIT',
    homepage: 'https://github.com/rolecall/rolecall/blob/main/docs/hosts/n8n.md',
    keywords: ['n8n-community-node-package', 'scim', 'provisioning', 'deprovisioning', 'workato', 'identity'],
    author: { name: 'The Rolecall authors', email: 'rolecall@users.noreply.github.com' },
    repository: {
      type: 'git',
      url: 'git+https://github.com/rolecall/rolecall.git',
      directory: 'hosts/n8n/package',
    },
    scripts: {
      build: 'n8n-node build',
      dev: 'n8n-node dev',
      lint: 'n8n-node lint',
    },
    files: ['dist'],
    n8n: {
      n8nNodesApiVersion: 1,
      strict: true,
      credentials: [...Object.values(credentialTypes).map(({ className }) => className), 'ScimEventsApi'].map(
        (name) => `dist/credentials/${name}.credentials.js`,
      ),
      nodes: ['Scim', 'ScimTrigger', 'ScimWebhookTrigger'].map(
        (name) => `dist/nodes/${name}/${name}.node.js`,
      ),
    },
    devDependencies: { '@n8n/node-cli': '0.48.3', eslint: '9.29.0', typescript: '5.9.3' },
    peerDependencies: { 'n8n-workflow': '*' },
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
