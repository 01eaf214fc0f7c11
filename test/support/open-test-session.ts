import { type ConnectionInput, readConnection } from '../../connector/connection.ts';
import { defineConnector } from '../../connector/definition/define-connector.ts';
import type { ActionDefinition, ResourceDefinition } from '../../connector/definition/definition.ts';
import type { Runtime } from '../../connector/runtime.ts';
import { openSession, type Session } from '../../runtime/open-session.ts';
import { readDeclaration } from '../../runtime/read-declaration.ts';

/** The manifest of this package, with every reference in it followed. */
export const definition = defineConnector(readDeclaration());

/** The token of every test that does not say otherwise: a string that stands nowhere else. */
export const testToken = 'secret-token-5f2c9a';

/** Where a session over a fake runtime believes the provider to be. */
export const testBaseUrl = 'https://scim.example.com/scim/v2';

/** Opens a session of the manifest's connector over a runtime of the test's own. */
export function openTestSession(runtime: Runtime, input: Partial<ConnectionInput> = {}): Session {
  const connection = readConnection(definition.connection.schema, {
    baseUrl: testBaseUrl,
    token: testToken,
    ...input,
  });
  return openSession(definition, connection, runtime);
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
