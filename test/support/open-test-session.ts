import { type ConnectionLimits, readConnection } from '../../connector/connection.ts';
import { compileManifest } from '../../connector/definition/compile-manifest.ts';
import type { ActionDefinition, ResourceDefinition } from '../../connector/definition/definition.ts';
import { createScimClient } from '../../connector/http/scim-client.ts';
import type { Platform } from '../../connector/platform.ts';
import { loadManifest } from '../../runtime/load-manifest.ts';
import { openSession, type Session } from '../../runtime/open-session.ts';

/** The manifest of this package, with every reference in it followed. */
export const definition = compileManifest(loadManifest());

/** The token of every test that does not say otherwise: a string that stands nowhere else. */
export const testToken = 'secret-token-5f2c9a';

/** Where a session over a fake platform believes the provider to be. */
export const testBaseUrl = 'https://scim.example.com/scim/v2';

/** Opens a session of the manifest's connector over a platform of the test's own. */
export function openTestSession(platform: Platform, input: Partial<ConnectionLimits> = {}): Session {
  const connection = readConnection(definition.connection.schema, {
    baseUrl: testBaseUrl,
    token: testToken,
    ...input,
  });
  return openSession(definition, platform, createScimClient(connection, platform));
}

/** An action of the manifest. */
export function actionOf(key: string): ActionDefinition {
  const action = definition.actions.find((candidate) => candidate.key === key);
  if (action === undefined) throw new Error(`There is no action ${key}`);
  return action;
}

/** A kind of resource of the manifest. */
export function resourceNamed(name: 'User' | 'Group'): ResourceDefinition {
  const resource = definition.resources[name];
  if (resource === undefined) throw new Error(`There is no resource ${name}`);
  return resource;
}
