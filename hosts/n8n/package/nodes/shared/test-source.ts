import type {
  ICredentialDataDecryptedObject,
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { host } from './host';

/** Tests the credential of a source of events, as far as possible without an event. */
export async function testSource(
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
): Promise<INodeCredentialTestResult> {
  const problem: string | undefined = host.sourceProblem(this, credential.data ?? {});
  return problem === undefined
    ? { status: 'OK', message: 'The settings are complete. The first event shows whether they are correct.' }
    : { status: 'Error', message: problem };
}
