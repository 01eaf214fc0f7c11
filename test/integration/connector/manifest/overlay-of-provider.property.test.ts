import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileManifest } from '../../../../connector/definition/compile-manifest.ts';
import { overlayOfProvider } from '../../../../connector/manifest/overlay-of-provider.ts';
import { createConnector } from '../../../../runtime/index.ts';
import { loadManifest } from '../../../../runtime/load-manifest.ts';
import { startSandbox } from '../../../../sandbox/index.ts';

const declaration = loadManifest();
const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const anything = fc.jsonValue({ maxDepth: 2 });
/** Mostly the value that is meant, and sometimes whatever JSON can hold. */
const mostly = (right: fc.Arbitrary<unknown>) => fc.oneof({ weight: 6, arbitrary: right }, anything);

const urn = fc.oneof(
  fc.constantFrom(
    userUrn,
    groupUrn,
    userUrn.toUpperCase(),
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    'urn:rolecall:scim:common-attributes',
    'urn:okta:app:1.0:user',
    'urn:okta:app:1.0:user:custom',
    'URN:okta:app:1.0:USER',
    'urn:x:v1.0:a.b',
    'http://schemas.example.com/2006/User',
    'AcmeUser',
    '',
    'urn:',
    'urn:x:\n',
  ),
  fc.string().map((text) => `urn:${text}`),
);

const name = fc.oneof(
  fc.constantFrom(
    ...[
      'id',
      'meta',
      'schemas',
      'user',
      'group',
      'members',
      'userName',
      'ifVersion',
      'x',
      'X',
      '$ref',
      '1st',
    ],
    ...[
      'constructor',
      '__proto__',
      'prototype',
      'toString',
      'a.b',
      'a:b',
      'cost center',
      'Straße',
      '',
      ' ',
      '_',
    ],
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.stringMatching(/^[A-Za-z][\w-]{0,200}$/),
);

const { attribute } = fc.letrec<{ attribute: unknown }>((tie) => ({
  attribute: fc.record(
    {
      name: mostly(name),
      type: mostly(
        fc.constantFrom(
          'string',
          'complex',
          'Boolean',
          'INTEGER',
          'decimal',
          'dateTime',
          'binary',
          'object',
          '',
        ),
      ),
      multiValued: mostly(fc.boolean()),
      required: mostly(fc.boolean()),
      description: mostly(fc.oneof(fc.string(), fc.string({ minLength: 401, maxLength: 600 }))),
      mutability: mostly(fc.constantFrom('readOnly', 'readWrite', 'READONLY', 'immutable', 'sometimes')),
      returned: mostly(fc.constantFrom('always', 'never', 'default', 'request', 'maybe')),
      canonicalValues: mostly(fc.array(mostly(fc.string({ maxLength: 5 })))),
      subAttributes: mostly(fc.array(tie('attribute'), { maxLength: 3 })),
    },
    { requiredKeys: ['name', 'type'] },
  ),
}));

const schema = fc.record(
  {
    id: mostly(urn),
    name: mostly(name),
    description: anything,
    attributes: mostly(fc.array(mostly(attribute))),
  },
  { requiredKeys: ['id', 'attributes'] },
);

const description = fc.record({
  resourceTypes: fc.array(
    mostly(
      fc.record({
        schema: mostly(fc.constantFrom(userUrn, groupUrn, userUrn.toLowerCase())),
        schemaExtensions: mostly(fc.array(mostly(fc.record({ schema: mostly(urn) })), { maxLength: 6 })),
      }),
    ),
    { maxLength: 3 },
  ),
  schemas: fc.array(mostly(schema), { maxLength: 6 }),
});

it('generates a valid overlay for any provider schema', () => {
  fc.assert(
    fc.property(description, (found) => {
      const overlay: unknown = JSON.parse(
        JSON.stringify(overlayOfProvider(declaration.manifest, JSON.parse(JSON.stringify(found)))),
      );
      const { actions, resources } = compileManifest(loadManifest([overlay]));

      for (const { fields } of actions) {
        const keys = fields.map(({ key }) => key.toLowerCase());
        expect(new Set(keys).size).toBe(keys.length);
      }
      // What the manifest is about stays what it is.
      expect(resources.User?.schema).toBe(userUrn);
      expect(resources.User?.fields.slice(0, 3).map(({ key }) => key)).toEqual(
        declaration.manifest.resources.User?.fields
          .slice(0, 3)
          .map(({ key, attribute: path = '' }) => key ?? path),
      );
    }),
    { numRuns: 200 },
  );
});

it('generates an overlay that the connector and the sandbox can use', async () => {
  const found = fc.sample(description, { numRuns: 20, seed: 7 });
  for (const one of found) {
    const overlay = overlayOfProvider(declaration.manifest, JSON.parse(JSON.stringify(one)));
    const userExtensions = JSON.parse(JSON.stringify(overlay.schemas));
    const sandbox = await startSandbox({ userExtensions });
    const connector = createConnector({
      baseUrl: sandbox.scimBaseUrl,
      token: sandbox.token,
      overlays: [overlay],
    });
    const created = await connector.actions.create_user({ userName: 'ada@example.com' });
    expect(created.userName).toBe('ada@example.com');
    connector.close();
    await sandbox.close();
  }
});

it('keeps an attribute whose label, help or key would be too short or too long', () => {
  const id = 'urn:acme:User';
  const long = 'a'.repeat(200);
  const attributes = [
    { name: 'x', type: 'string', description: 'short' },
    { name: long, type: 'string', description: `${'😀'.repeat(300)}` },
    { name: `${long}b`, type: 'String' },
  ];
  const overlay = overlayOfProvider(declaration.manifest, {
    resourceTypes: [{ schema: userUrn, schemaExtensions: [{ schema: id }] }],
    schemas: [{ id, name: 'Acme', attributes }],
  });
  const { resources } = compileManifest(loadManifest([overlay]));

  expect(resources.User?.fields.slice(-3)).toMatchObject([
    { key: 'x', title: 'Attribute X', help: 'X, an attribute of this provider.' },
    { key: expect.stringMatching(/^Acme_a{53}_2$/), attribute: `${id}:${long}` },
    { key: expect.stringMatching(/^Acme_a{53}_3$/), attribute: `${id}:${long}b` },
  ]);
  expect(resources.User?.fields.at(-2)?.help.isWellFormed()).toBe(true);
});
