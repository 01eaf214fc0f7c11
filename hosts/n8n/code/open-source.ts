import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { Runtime } from '../../../connector/runtime.ts';
import { checkInput, notDeclared } from '../../../runtime/prepare.ts';
import type { PullReceiver, PushReceiver, SourceTraits } from '../../../triggers/sources/source.ts';
import { sources } from '../../../triggers/sources/sources.ts';
import { parameterNames } from '../parameter-names.ts';
import { eventsCredentialName } from './credential-name.ts';
import type { N8nFunctions, N8nSleep } from './n8n-functions.ts';
import { createN8nRuntime } from './n8n-runtime.ts';
import { readFields } from './read-fields.ts';

/** A source that was set up, by the way in which its events come. */
export type OpenSource = Pick<SourceTraits, 'type' | 'idsAreScim'> &
  (
    | { readonly delivery: 'push'; readonly receiver: PushReceiver }
    | { readonly delivery: 'pull'; readonly receiver: PullReceiver }
  );

/** Opens the sources of credentials. */
export type SourceOpener = (functions: N8nFunctions) => Promise<OpenSource>;

/** How many sources are kept open: each keeps the public keys of its sender. */
const mostOpen = 100;

/**
 * Makes what opens a source by its credential. One that is open already is used again, so that the keys of a sender
 * are not fetched for every message.
 */
export function createSourceOpener(definition: ConnectorDefinition, sleep: N8nSleep): SourceOpener {
  const open = new Map<string, OpenSource>();
  return async (functions) => {
    const credentials = await functions.getCredentials(eventsCredentialName);
    const settings = sourceSettings(definition, credentials);
    const name = JSON.stringify(settings);
    const known = open.get(name);
    if (known !== undefined) return known;
    const runtime = createN8nRuntime(functions, (options) => functions.helpers.httpRequest(options), sleep);
    const source = openSource(definition, runtime, settings);
    if (open.size >= mostOpen) open.clear();
    open.set(name, source);
    return source;
  };
}

/** Says what is wrong with a credential; undefined when it can be used. Nothing is sent. */
export function sourceProblem(
  definition: ConnectorDefinition,
  functions: Pick<N8nFunctions, 'logger'>,
  credentials: Readonly<Record<string, unknown>>,
): string | undefined {
  const sendNothing = (): Promise<never> => Promise.reject(new Error('Nothing is sent by a check.'));
  try {
    const runtime = createN8nRuntime(functions, sendNothing, sendNothing);
    openSource(definition, runtime, sourceSettings(definition, credentials));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Settings {
  readonly source: string;
  readonly given: Readonly<Record<string, unknown>>;
}

function sourceSettings(
  definition: ConnectorDefinition,
  credentials: Readonly<Record<string, unknown>>,
): Settings {
  const source = String(credentials[parameterNames.source]);
  const fields = definition.sources.find(({ type }) => type === source)?.fields ?? [];
  return { source, given: readFields(fields, credentials) };
}

function openSource(
  definition: ConnectorDefinition,
  runtime: Runtime,
  { source: type, given }: Settings,
): OpenSource {
  const declared = definition.sources.find((candidate) => candidate.type === type);
  if (declared === undefined)
    throw notDeclared(
      'source',
      type,
      definition.sources.map((one) => one.type),
    );
  const settings = checkInput(declared.settings, given);
  const source = sources[declared.type];
  const { idsAreScim } = source;
  const context = { definition, runtime };
  return source.delivery === 'push'
    ? { type: source.type, idsAreScim, delivery: 'push', receiver: source.open(context, settings) }
    : { type: source.type, idsAreScim, delivery: 'pull', receiver: source.open(context, settings) };
}
