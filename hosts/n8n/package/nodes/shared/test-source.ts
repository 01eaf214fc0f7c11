import type {
  ICredentialDataDecryptedObject,
  ICredentialsDecrypted,
  ICredentialTestFunctions,
  INodeCredentialTestResult,
} from 'n8n-workflow';
import { host } from './host';

/** What came of a test. */
interface SourceTest {
  problem?: string;
  isConnected?: boolean;
}

/** Tests the credential of a source of events, as far as possible without an event. */
export async function testSource(
  this: ICredentialTestFunctions,
  { data }: ICredentialsDecrypted<ICredentialDataDecryptedObject>,
): Promise<INodeCredentialTestResult> {
  const result: SourceTest = await host.testEventSource(this, data ?? {});
  if (result.problem !== undefined) return { status: 'Error', message: result.problem };
  return {
    status: 'OK',
    message: result.isConnected
      ? 'Connection successful!'
      : 'The settings are complete. The first event shows whether they are correct.',
  };
}
