import type { Connection } from '../connection.ts';
import { errorTexts } from '../error-texts.ts';
import { createRedactor } from '../http/redact.ts';
import type { Platform } from '../platform.ts';
import type { Authenticator, Credential } from './authenticator.ts';
import { basicCredentials } from './basic-credentials.ts';
import { createClientCredentials } from './client-credentials.ts';

/** Creates the authenticator of a connection. It is shared by everything that uses the connection. */
export function createAuthenticator(
  { auth, timeoutInMs }: Pick<Connection, 'auth' | 'timeoutInMs'>,
  platform: Platform,
): Authenticator {
  switch (auth.type) {
    case 'bearer':
      return withHeader(
        { name: 'authorization', value: `Bearer ${auth.token}` },
        { rejected: errorTexts.tokenRejected, redact: createRedactor([auth.token], '[token]') },
      );
    case 'basic': {
      const pair = basicCredentials(auth.username, auth.password);
      return withHeader(
        { name: 'authorization', value: `Basic ${pair}` },
        { rejected: errorTexts.accountRejected, redact: createRedactor([pair, auth.password]) },
      );
    }
    case 'header':
      return withHeader(
        { name: auth.headerName.toLowerCase(), value: auth.headerValue },
        { rejected: errorTexts.headerRejected, redact: createRedactor(partsOf(auth.headerValue)) },
      );
    case 'oauth_client_credentials':
      return createClientCredentials(auth, timeoutInMs, platform);
  }
}

function withHeader(
  credential: Credential,
  parts: Pick<Authenticator, 'rejected' | 'redact'>,
): Authenticator {
  return { ...parts, credential: () => credential, scopeMissing: errorTexts.tokenScopeMissing };
}

/** A header value, and its part after a scheme such as "Token": a provider can repeat that part alone. */
function partsOf(value: string): readonly string[] {
  const [, secret] = /^\S+\s+(\S.*)$/.exec(value) ?? [];
  return secret === undefined ? [value] : [value, secret];
}
