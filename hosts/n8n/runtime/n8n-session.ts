import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { createScimClient } from '../../../connector/http/scim-client.ts';
import { applyOverlay, type ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import type { Overlay } from '../../../connector/manifest/overlay.zod.ts';
import { overlayOfProvider, type ProviderSchemas } from '../../../connector/manifest/overlay-of-provider.ts';
import { openSession, type RunOptions, type Session } from '../../../runtime/open-session.ts';
import { discoverKey } from '../../../runtime/prepare.ts';
import { credentialTypes } from '../credential-types.ts';
import { readConnectionCredential, selectedMethod } from './credentials.ts';
import type { N8nFunctions, N8nSleep } from './n8n-functions.ts';
import { authenticated, createN8nPlatform, unauthenticated } from './n8n-platform.ts';
import type { FilledForm } from './read-form.ts';
import { readValue } from './read-value.ts';
import { createIdResolver } from './resolve-ids.ts';
import type { SharedAuthenticators } from './shared-authenticators.ts';

/** The connection of one node call. */
export interface N8nSession {
  readonly session: Session;
  /** The capabilities of the provider. */
  readonly baseUrl: string;
  /** The maximum number of concurrent requests. */
  readonly concurrency: number;
  /** The provider's additions to the manifest, fetched once. @throws ConnectorError */
  discover(options?: RunOptions): Promise<Overlay>;
  /** Runs the action of a form, or its dry run. @throws ConnectorError */
  run(action: ActionDefinition, form: FilledForm, options: RunOptions): Promise<unknown>;
}

/** The connector with the provider's additions to the manifest. */
interface Extended {
  readonly definition: ConnectorDefinition;
  readonly session: Session;
}

/** Connects with the node's credential. @throws ConnectorError if it is invalid. */
export async function openN8nSession(
  declaration: ManifestBundle,
  definition: ConnectorDefinition,
  functions: N8nFunctions,
  sleep: N8nSleep,
  authenticators: SharedAuthenticators,
): Promise<N8nSession> {
  const method = selectedMethod(definition, functions);
  const data = await functions.getCredentials(credentialTypes[method.type].name, 0);
  const { connection, profile } = readConnectionCredential(definition, method, data);
  // n8n's own OAuth2 requests are not used: docs/decisions has the reasons.
  const isOAuth = connection.auth.type === 'oauth_client_credentials';
  const send = isOAuth ? unauthenticated(functions) : authenticated(functions, connection, data);
  const platform = createN8nPlatform(functions, send, sleep);
  const client = createScimClient(connection, platform, authenticators.of(connection, platform));
  const session = openSession({ ...definition, profile }, platform, client);
  const resolveIds = createIdResolver(definition, (key, input) => session.runAction(key, input));
  let overlay: Promise<Overlay> | undefined;
  let extended: Promise<Extended> | undefined;

  const discover = (options?: RunOptions): Promise<Overlay> => {
    overlay ??= session
      .runAction(discoverKey(definition), {}, options)
      .then((found) => overlayOfProvider(declaration.manifest, found as ProviderSchemas));
    return overlay;
  };
  const extend = async (options: RunOptions): Promise<Extended> => {
    const all = compileManifest(applyOverlay({ ...declaration, profile }, await discover(options)));
    return { definition: all, session: openSession(all, platform, client) };
  };

  return {
    session,
    baseUrl: connection.baseUrl,
    concurrency: connection.concurrency,
    discover,
    async run({ key }, { input: filled, customAttributes, dryRun }, given) {
      const options = { ...given, dryRun };
      const input = await resolveIds(filled);
      if (customAttributes.size === 0) return session.runAction(key, input, options);
      extended ??= extend(options);
      const all = await extended;
      return all.session.runAction(
        key,
        { ...input, ...customInput(all.definition, key, customAttributes) },
        options,
      );
    },
  };
}

function customInput(
  { actions }: ConnectorDefinition,
  key: string,
  given: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> {
  const fields = actions.find((action) => action.key === key)?.fields ?? [];
  return Object.fromEntries(
    [...given].map(([path, value]) => {
      const field = fields.find(({ attribute }) => attribute?.toLowerCase() === path.toLowerCase());
      if (field !== undefined) return [field.key, readValue(field, value)];
      throw invalidInput([
        {
          path: 'customAttributes',
          message: `has "${path}", which is not among the schemas of the provider: choose it from the list`,
        },
      ]);
    }),
  );
}
