import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { createScimClient } from '../../../connector/http/scim-client.ts';
import { requestPage } from '../../../connector/provider/read-list.ts';
import type { ErrorLabels } from '../../kit/error-labels.ts';
import { type CredentialData, methodOfCredential, readConnectionCredential } from './credentials.ts';
import type { N8nSleep, N8nTestFunctions } from './n8n-functions.ts';
import { createN8nPlatform, sendFromTest } from './n8n-platform.ts';

/** The longest test of a credential: a person waits for its result. */
export const maxTestInMs = 15_000;

/** What the test of a connection needs of the host. */
interface TestContext {
  readonly definition: ConnectorDefinition;
  readonly errors: Pick<ErrorLabels, 'label'>;
  readonly sleep: N8nSleep;
}

/** Tests the credential of a connection: lists one user. Returns what failed and what to do, or undefined. */
export async function connectionProblem(
  { definition, errors, sleep }: TestContext,
  functions: N8nTestFunctions,
  credentialName: string,
  data: CredentialData,
): Promise<string | undefined> {
  const method = methodOfCredential(definition, credentialName);
  if (method === undefined) return `The credential "${credentialName}" is unknown.`;
  try {
    const { connection } = readConnectionCredential(definition, method, data);
    const platform = createN8nPlatform(functions, sendFromTest(functions), sleep);
    const deadlineInMs = Math.min(connection.deadlineInMs, maxTestInMs);
    const client = createScimClient({ ...connection, deadlineInMs }, platform);
    await requestPage({ client, endpoint: '/Users', signal: undefined }, { count: 1 }, {});
    return undefined;
  } catch (thrown) {
    return problemIn(thrown, errors);
  }
}

/** What a test shows of an error: what failed and what to do, with the labels of the form. */
export function problemIn(thrown: unknown, errors: Pick<ErrorLabels, 'label'>): string {
  const error = errors.label(thrown);
  return error instanceof Error ? error.message : String(error);
}
