import type {
  ICredentialDataDecryptedObject,
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { host } from './host';

/** Tests the credential of a connection by listing one user. */
export async function testConnection(
  this: ICredentialTestFunctions,
  { type, data }: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
): Promise<INodeCredentialTestResult> {
  const problem: string | undefined = await host.connectionProblem(this, type, data ?? {});
  return problem === undefined
    ? { status: 'OK', message: 'Connection successful!' }
    : { status: 'Error', message: problem };
}
