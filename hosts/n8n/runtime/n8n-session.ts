import { readConnection } from '../../../connector/connection.ts';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { createScimClient } from '../../../connector/http/scim-client.ts';
import { applyOverlay, type ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import type { Overlay } from '../../../connector/manifest/overlay.zod.ts';
import { overlayOfProvider, type ProviderSchemas } from '../../../connector/manifest/overlay-of-provider.ts';
import { openSession, type RunOptions, type Session } from '../../../runtime/open-session.ts';
import { discoverKey } from '../../../runtime/prepare.ts';
import { defaultConnectionFields } from '../../kit/default-connection-fields.ts';
import { credentialName, readCredential, readFields } from './credentials.ts';
import type { N8nFunctions, N8nSleep } from './n8n-functions.ts';
import { authenticated, createN8nPlatform } from './n8n-platform.ts';
import type { FilledForm } from './read-form.ts';
import { readValue } from './read-value.ts';

/** The connection of one node call. */
export interface N8nSession {
  readonly session: Session;
  /** The capabilities of the provider. */
  readonly baseUrl: string;
  /** The maximum number of concurrent requests. */
  readonly concurrency: number;
  /** The provider's additions to the manifest, fetched once. @throws ConnectorError */
  discover(options?: RunOptions): Promise<Overlay>;
  /** Runs the action of a form. @throws ConnectorError */
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
): Promise<N8nSession> {
  const given = await functions.getCredentials(credentialName, 0);
  // As the credential puts it into the header: copied tokens often end with a line break.
  const credentials = { ...given, ...(typeof given.token === 'string' && { token: given.token.trim() }) };
  const fields = defaultConnectionFields(definition);
  const connection = readCredential(fields, () =>
    readConnection(
      definition.connection.schema,
      readFields(fields, credentials) as Parameters<typeof readConnection>[1],
    ),
  );
  const platform = createN8nPlatform(functions, authenticated(functions, credentials), sleep);
  const client = createScimClient(connection, platform);
  const session = openSession(definition, platform, client);
  let overlay: Promise<Overlay> | undefined;
  let extended: Promise<Extended> | undefined;

  const discover = (options?: RunOptions): Promise<Overlay> => {
    overlay ??= session
      .runAction(discoverKey(definition), {}, options)
      .then((found) => overlayOfProvider(declaration.manifest, found as ProviderSchemas));
    return overlay;
  };
  const extend = async (options: RunOptions): Promise<Extended> => {
    const all = compileManifest(applyOverlay(declaration, await discover(options)));
    return { definition: all, session: openSession(all, platform, client) };
  };

  return {
    session,
    baseUrl: connection.baseUrl,
    concurrency: connection.concurrency,
    discover,
    async run({ key }, { input, customAttributes }, options) {
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
