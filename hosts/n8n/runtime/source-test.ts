import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import type { Platform } from '../../../connector/platform.ts';
import type { PushReceiver } from '../../../triggers/sources/source.ts';
import type { ErrorLabels } from '../../kit/error-labels.ts';
import { maxTestInMs, problemIn } from './connection-problem.ts';
import { type CredentialData, readCredential } from './credentials.ts';
import type { N8nSleep, N8nTestFunctions } from './n8n-functions.ts';
import { createN8nPlatform, sendFromTest } from './n8n-platform.ts';
import { openFromCredential, openSubscriber, type SourceSettings, sourceSettings } from './open-source.ts';

/** The result of the test of an event source. */
export type SourceTest =
  /** Whether the sender was asked: the settings of some sources need no request. */
  { readonly isConnected: boolean } | { readonly problem: string };

/** What the test of an event source needs of the host. */
interface TestContext {
  readonly definition: ConnectorDefinition;
  readonly errors: Pick<ErrorLabels, 'label'>;
  readonly sleep: N8nSleep;
}

/**
 * Tests the credential of an event source, as far as possible without an event: fetches the keys that verify events,
 * polls without acknowledging, lists subscriptions. Changes nothing at the sender.
 */
export async function testEventSource(
  { definition, errors, sleep }: TestContext,
  functions: N8nTestFunctions,
  credentials: CredentialData,
): Promise<SourceTest> {
  const platform = impatient(createN8nPlatform(functions, sendFromTest(functions), sleep));
  try {
    const settings = sourceSettings(definition, credentials);
    const source = openFromCredential(definition, platform, settings);
    const subscriber = openSubscriber(definition, platform, credentials);
    if (source.delivery === 'push') requireStrongSecret(settings, source.receiver);
    const tests = [source.receiver, subscriber].flatMap((one) => one?.testConnection ?? []);
    for (const test of tests) await test();
    return { isConnected: tests.length > 0 };
  } catch (thrown) {
    return { problem: problemIn(thrown, errors) };
  }
}

/** @throws ConnectorError if anyone who reaches n8n could guess the secret. */
function requireStrongSecret({ source: { fields } }: SourceSettings, { weakSecret }: PushReceiver): void {
  if (weakSecret === undefined) return;
  readCredential(fields, () => {
    throw invalidInput([weakSecret]);
  });
}

/** A person waits for the result of a test. */
function impatient(platform: Platform): Platform {
  return {
    ...platform,
    send: (request) => platform.send({ ...request, timeoutInMs: Math.min(request.timeoutInMs, maxTestInMs) }),
  };
}
