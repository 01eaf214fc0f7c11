import type {
  ICredentialDataDecryptedObject,
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { host } from './host';

/** Tests the credential of a source of events, as far as that goes without an event. */
export async function testSource(
  this: ICredentialTestFunctions,
  credential: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
): Promise<INodeCredentialTestResult> {
  const problem: string | undefined = host.sourceProblem(this, credential.data ?? {});
  return problem === undefined
    ? { status: 'OK', message: 'It can be used; the first event shows whether it is right' }
    : { status: 'Error', message: problem };
}
