import { describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import acme from '../../../examples/overlays/acme.json' with { type: 'json' };
import { credentialTypes } from '../../../hosts/n8n/credential-types.ts';
import { resourceValue } from '../../../hosts/n8n/form/words.ts';
import { packageN8n } from '../../../hosts/n8n/package-n8n.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { definition } from '../../support/open-test-session.ts';

function packaged(overlays: readonly unknown[] = []): ReadonlyMap<string, string | Uint8Array> {
  const declaration = loadManifest(overlays);
  return packageN8n(compileManifest(declaration), { version: '1.2.3', declaration });
}

describe('the package for n8n', () => {
  it('contains the files of its tarball and the workflow that publishes it', () => {
    const isSchema = (path: string): boolean => path.includes('/__schema__/');
    expect([...packaged().keys()].filter((path) => !isSchema(path)).toSorted()).toEqual([
      '.github/workflows/publish.yml',
      'LICENSE.md',
      'README.md',
      'dist/connector/declaration.json',
      'dist/connector/host.js',
      'dist/credentials/ScimApi.credentials.js',
      'dist/credentials/ScimBasicApi.credentials.js',
      'dist/credentials/ScimEventsApi.credentials.js',
      'dist/credentials/ScimHeaderApi.credentials.js',
      'dist/credentials/ScimOAuth2Api.credentials.js',
      'dist/icons/scim.dark.svg',
      'dist/icons/scim.svg',
      'dist/nodes/Scim/Scim.node.js',
      'dist/nodes/Scim/Scim.node.json',
      'dist/nodes/Scim/properties.js',
      'dist/nodes/ScimTrigger/ScimTrigger.node.js',
      'dist/nodes/ScimTrigger/ScimTrigger.node.json',
      'dist/nodes/ScimTrigger/properties.js',
      'dist/nodes/ScimWebhookTrigger/ScimWebhookTrigger.node.js',
      'dist/nodes/ScimWebhookTrigger/ScimWebhookTrigger.node.json',
      'dist/nodes/ScimWebhookTrigger/properties.js',
      'dist/nodes/shared/host.js',
      'dist/nodes/shared/or-node-error.js',
      'dist/nodes/shared/test-connection.js',
      'dist/nodes/shared/test-source.js',
      'package.json',
    ]);
  });

  it('lists existing files, has no dependencies, and has the version of the package', () => {
    const files = packaged();
    const json = JSON.parse(String(files.get('package.json')));

    for (const path of [...json.n8n.nodes, ...json.n8n.credentials]) expect(files.has(path)).toBe(true);
    expect(json).toMatchObject({ name: 'n8n-nodes-scim-provisioning', version: '1.2.3', files: ['dist'] });
    expect(json.dependencies).toBeUndefined();
    expect(json.peerDependencies).toEqual({ 'n8n-workflow': '*' });
  });

  it('imports only n8n and node:crypto at runtime', () => {
    const code = [...packaged()].filter(([path]) => path.endsWith('.js')).map(([, text]) => text.toString());
    const imported = code.flatMap((text) =>
      [...text.matchAll(/require\("([^"]+)"\)/g)].map(([, name = '']) => name),
    );

    expect([...new Set(imported)].filter((name) => !name.startsWith('.')).toSorted()).toEqual([
      'n8n-workflow',
      'node:crypto',
    ]);
  });

  it('shows the credential of each method for its value, so that the editor lists it', () => {
    const { methods } = definition.connection.auth;
    for (const node of ['Scim', 'ScimTrigger', 'ScimWebhookTrigger']) {
      const text = String(packaged().get(`dist/nodes/${node}/${node}.node.js`));
      const shown = [
        ...text.matchAll(/name: '(\w+)'[^{}]*displayOptions: \{ show: \{ authentication: (\[[^\]]*\])/g),
      ];
      expect(shown.map(([, name, value]) => [name, value])).toEqual(
        methods.map(({ type }) => [credentialTypes[type].name, `['${type}']`]),
      );
    }
  });

  it('has the fields of the output of each operation and trigger, where n8n looks them up', () => {
    const files = packaged();
    const fieldsOf = (path: string): readonly string[] =>
      Object.keys(JSON.parse(String(files.get(`dist/nodes/${path}.json`))).properties);

    for (const { key, group } of definition.actions)
      expect(fieldsOf(`Scim/__schema__/v1.0.0/${resourceValue(group)}/${key}`).length).toBeGreaterThan(0);
    // As the node outputs a user, and a plan: the changes of a plan are items of their own.
    expect(fieldsOf('Scim/__schema__/v1.0.0/user/search_users')).toEqual(
      expect.arrayContaining(['id', 'userName', 'department', 'workato_role']),
    );
    expect(fieldsOf('Scim/__schema__/v1.0.0/user/search_users')).not.toContain('resources');
    expect(fieldsOf('Scim/__schema__/v1.0.0/sync/plan_sync')).not.toContain('changes');
    for (const node of ['ScimTrigger', 'ScimWebhookTrigger'])
      expect(fieldsOf(`${node}/__schema__/v1.0.0`)).toEqual(
        expect.arrayContaining(['type', 'subject', 'changes']),
      );
  });

  it("has an overlay's actions and fields", () => {
    const text = String(packaged([acme]).get('dist/nodes/Scim/properties.js'));

    expect(text).toContain("value: 'set_acme_role'");
    expect(text).toContain("name: 'approvalLimit'");
    expect(String(packaged().get('dist/nodes/Scim/properties.js'))).not.toContain('acme');
  });
});
