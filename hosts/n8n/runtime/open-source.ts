import type {
  ConnectorDefinition,
  Field,
  SourceDefinition,
} from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { Platform } from '../../../connector/platform.ts';
import { readInput } from '../../../connector/read-input.ts';
import { renameFields } from '../../../connector/rename-fields.ts';
import { notDeclared } from '../../../runtime/prepare.ts';
import {
  createOfflinePipeline,
  type EventPipeline,
  type OpenSource,
  openSource,
} from '../../../runtime/watch/event-pipeline.ts';
import type { Subscriber } from '../../../triggers/sources/source.ts';
import { sources } from '../../../triggers/sources/sources.ts';
import { fieldLabels } from '../../kit/field-labels.ts';
import { credentialTypes, eventsCredentialName } from '../credential-types.ts';
import { effectiveFields } from '../form/advanced-settings.ts';
import { labelOf } from '../form/words.ts';
import { logSource, parameterNames } from '../parameter-names.ts';
import { readCredential, readFields, selectedMethod } from './credentials.ts';
import type { N8nFunctions, N8nSleep, N8nTriggerFunctions } from './n8n-functions.ts';
import { createN8nPlatform, unauthenticated } from './n8n-platform.ts';
import type { N8nSession } from './n8n-session.ts';
import type { TriggerForm } from './read-form.ts';

/** Opens the event sources of credentials. */
export type SourceOpener = (functions: N8nFunctions) => Promise<OpenSource>;

/** The maximum number of open sources, because each caches the public keys of its sender. */
const maxOpen = 100;

/**
 * Creates a cache that opens sources by their credentials. An open source is reused, so that the keys of a sender
 * are not fetched for every message.
 */
export function createSourceOpener(definition: ConnectorDefinition, sleep: N8nSleep): SourceOpener {
  const open = new Map<string, OpenSource>();
  return async (functions) => {
    const credentials = await functions.getCredentials(eventsCredentialName);
    const settings = sourceSettings(definition, credentials);
    const name = JSON.stringify([settings.source.type, settings.given]);
    const known = open.get(name);
    if (known !== undefined) return known;
    const source = openFromCredential(
      definition,
      createN8nPlatform(functions, unauthenticated(functions), sleep),
      settings,
    );
    if (open.size >= maxOpen) open.clear();
    open.set(name, source);
    return source;
  };
}

/** The same source, if it pushes events. @throws ConnectorError `unsupported` if its events are fetched. */
export function requirePushed(source: OpenSource): OpenSource & { readonly delivery: 'push' } {
  if (source.delivery === 'push') return source;
  throw new ConnectorError('unsupported', {
    what: 'This source is polled for events and does not push them.',
    nextStep: 'Use the SCIM Trigger node, or select another event source in the credential.',
  });
}

/** Opens the subscriber of a sender; undefined if the sender is set up manually. @throws ConnectorError */
export type SubscriberOpener = (functions: N8nFunctions) => Promise<Subscriber | undefined>;

/** Creates a function that opens the subscriber of a credential. */
export function createSubscriberOpener(definition: ConnectorDefinition, sleep: N8nSleep): SubscriberOpener {
  return async (functions) =>
    openSubscriber(
      definition,
      createN8nPlatform(functions, unauthenticated(functions), sleep),
      await functions.getCredentials(eventsCredentialName),
    );
}

/** A source and its settings in a credential. */
export interface SourceSettings {
  readonly source: SourceDefinition;
  readonly given: Readonly<Record<string, unknown>>;
}

/** Reads the settings in a credential. @throws ConnectorError if the source is unknown */
export function sourceSettings(
  { sources: declared }: ConnectorDefinition,
  credentials: Readonly<Record<string, unknown>>,
): SourceSettings {
  const type = String(credentials[parameterNames.source]);
  const source = declared.find((one) => one.type === type);
  if (source !== undefined)
    return { source, given: readFields(effectiveFields(source.fields, credentials), credentials) };
  throw notDeclared(
    'source',
    type,
    declared.map((one) => one.type),
  );
}

/** Opens the source of a credential. @throws ConnectorError if a setting is invalid */
export function openFromCredential(
  definition: ConnectorDefinition,
  platform: Platform,
  { source: { type, fields }, given }: SourceSettings,
): OpenSource {
  const source = readCredential(fields, () => openSource({ definition, platform }, type, given));
  return withLabels(source, fields);
}

/** The same source. Its errors name the fields of its form: other sources have other labels for the same keys. */
function withLabels(source: OpenSource, fields: readonly Field[]): OpenSource {
  const labels = fieldLabels(fields, (field) => `"${labelOf(field)}"`);
  const label = (error: ConnectorError): ConnectorError => renameFields(error, (key) => labels.get(key));
  const labeled =
    <Given extends readonly unknown[], Value>(run: (...given: Given) => Promise<Value>) =>
    (...given: Given): Promise<Value> =>
      run(...given).catch((error: unknown) => {
        throw error instanceof ConnectorError ? label(error) : error;
      });
  if (source.delivery === 'pull') {
    const { poll, testConnection } = source.receiver;
    return { ...source, receiver: { poll: labeled(poll), testConnection: labeled(testConnection) } };
  }
  const { receive, testConnection, ...receiver } = source.receiver;
  return {
    ...source,
    receiver: {
      ...receiver,
      async receive(request) {
        const received = await receive(request);
        if (received.kind === 'accepted') return received;
        return { ...received, reason: label(received.reason) };
      },
      ...(testConnection !== undefined && { testConnection: labeled(testConnection) }),
    },
  };
}

/** Opens the subscriber of a credential; undefined if the sender is set up manually. @throws ConnectorError */
export function openSubscriber(
  definition: ConnectorDefinition,
  platform: Platform,
  credentials: Readonly<Record<string, unknown>>,
): Subscriber | undefined {
  const { source: declared, given } = sourceSettings(definition, credentials);
  const { fields, subscription, type } = declared;
  const source = sources[type];
  if (subscription === undefined || source.delivery !== 'push') return undefined;
  const administration = readFields(subscription.fields, credentials);
  if (Object.keys(administration).length === 0) return undefined;
  return readCredential([...fields, ...subscription.fields], () => {
    const settings = readInput(subscription.settings, { ...given, ...administration });
    return source.openSubscriber?.({ definition, platform }, settings);
  });
}

/** Opens the event pipeline for the values of a form. @throws ConnectorError `invalid_input` */
export type PipelineOpener = (functions: N8nTriggerFunctions, form: TriggerForm) => Promise<EventPipeline>;

/**
 * Creates a function that opens the event pipeline of a form. With a connection to the provider, the pipeline reads data
 * that the events omit, and the group of the scope filter.
 */
export function createPipelineOpener(
  definition: ConnectorDefinition,
  open: (functions: N8nTriggerFunctions) => Promise<N8nSession>,
  sleep: N8nSleep,
): PipelineOpener {
  return async (functions, { trigger, input }) => {
    const { name } = credentialTypes[selectedMethod(definition, functions).type];
    const isLog = functions.getNodeParameter(parameterNames.source, '') === logSource;
    // A credential that was selected before is still in the node when its field is hidden.
    if (!isLog && functions.getNode().credentials?.[name] !== undefined)
      return (await open(functions)).session.eventPipeline(trigger.key, input);
    const platform = createN8nPlatform(functions, unauthenticated(functions), sleep);
    return createOfflinePipeline(definition, platform, trigger.key, input);
  };
}
