import { requestPage } from '../../../connector/provider/read-list.ts';
import { type AuthField, authFields } from '../form/auth-fields.ts';
import type { AppContext } from './app-context.ts';
import type { Perform } from './zapier-functions.ts';

/** The connection of the app. */
export interface Authentication {
  readonly type: 'custom';
  readonly fields: readonly AuthField[];
  readonly test: Perform<{ readonly host: string; readonly provider: string }>;
  /** The name of a connection, from the result of the test. */
  readonly connectionLabel: string;
}

/** Creates the connection of the app. Its test lists one user. */
export function authentication({ definition, performWith }: AppContext): Authentication {
  const [resource] = Object.values(definition.resources);
  return {
    type: 'custom',
    fields: authFields(definition),
    connectionLabel: '{{provider}} ({{host}})',
    test: performWith({ of: 'actions' }, async ({ client, profile, signal }) => {
      await requestPage({ client, endpoint: resource?.endpoint ?? '/Users', signal }, { count: 1 }, {});
      const { host } = new URL(client.connection.baseUrl);
      return { host, provider: profile?.provider ?? 'SCIM' };
    }),
  };
}
