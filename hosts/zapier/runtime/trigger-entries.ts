import type { ConnectorDefinition, TriggerDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { type ListEntry, listResources } from '../../kit/find-resources.ts';
import { readFields } from '../../kit/flat-form.ts';
import { titleCase } from '../../kit/title-case.ts';
import { inputFields } from '../form/input-fields.ts';
import { eventFields, type OutputField } from '../form/output-fields.ts';
import type { ZapierField } from '../form/zapier-field.ts';
import { listKey } from '../list-key.ts';
import { instantFields, polledBy, polledFields, polledKey } from '../polled-by.ts';
import type { Display } from './action-entries.ts';
import type { AppContext } from './app-context.ts';
import { readEventService } from './connection-data.ts';
import { type Subscription, subscribe, unsubscribe } from './event-service.ts';
import { pollOnce } from './poll-trigger.ts';
import { verifyWebhook } from './verify-webhook.ts';
import type { Perform } from './zapier-functions.ts';
import { createZapierPlatform } from './zapier-platform.ts';

type Json = Readonly<Record<string, unknown>>;

/** What every trigger of Zapier has. */
interface TriggerBase {
  readonly key: string;
  readonly noun: string;
  readonly display: Display;
}

interface EventOperation {
  readonly cleanInputData: false;
  readonly inputFields: readonly ZapierField[];
  readonly outputFields: readonly OutputField[];
  readonly sample: Json;
}

/** A trigger that a Rolecall service feeds. */
export interface InstantTrigger extends TriggerBase {
  readonly operation: EventOperation & {
    readonly type: 'hook';
    readonly perform: Perform<readonly ProvisioningEvent[]>;
    readonly performList: Perform<readonly object[]>;
    readonly performSubscribe: Perform<Subscription>;
    readonly performUnsubscribe: Perform<object>;
  };
}

/** A trigger that reads the provider. */
export interface PollingTrigger extends TriggerBase {
  readonly operation: EventOperation & {
    readonly type: 'polling';
    readonly perform: Perform<readonly ProvisioningEvent[]>;
  };
}

/** A hidden trigger that fills the lists of forms. */
export interface ListTrigger extends TriggerBase {
  readonly operation: {
    readonly type: 'polling';
    readonly cleanInputData: false;
    readonly canPaginate: true;
    readonly sample: Json;
    readonly perform: Perform<readonly { readonly id: string; readonly name: string }[]>;
  };
}

/** All triggers of the app, by their keys. */
export function triggerEntries(
  context: AppContext,
): Readonly<Record<string, InstantTrigger | PollingTrigger | ListTrigger>> {
  const { triggers, resources } = context.definition;
  const entries = [
    ...triggers.map((trigger) => instantTrigger(context, trigger)),
    ...triggers
      .filter((trigger) => polledBy(trigger) !== undefined)
      .map((one) => pollingTrigger(context, one)),
    ...Object.keys(resources).map((name) => listTrigger(context, name)),
  ];
  return Object.fromEntries(entries.map((entry) => [entry.key, entry]));
}

function instantTrigger(context: AppContext, trigger: TriggerDefinition): InstantTrigger {
  const { definition } = context;
  const { key } = trigger;
  const fields = instantFields(trigger);
  return {
    ...baseOf(definition, trigger),
    operation: {
      type: 'hook',
      ...eventOperation(definition, trigger, fields),
      perform: context.performWith(
        { of: 'triggers', fields: trigger.fields },
        async ({ session, platform, signal }, bundle) => {
          const { secret } = isRecord(bundle.subscribeData) ? bundle.subscribeData : {};
          await verifyWebhook(bundle, secret, platform.crypto);
          const pipeline = session.eventPipeline(key, readFields(fields, bundle.inputData));
          return pipeline.run([readEvent(bundle.cleanedRequest)], signal);
        },
      ),
      // For the editor only. Where events cannot be seen in the resources, it shows the sample.
      performList:
        polledBy(trigger) === undefined
          ? context.perform({ of: 'triggers', fields: trigger.fields }, async () => [
              trigger.sample as object,
            ])
          : context.performWith({ of: 'triggers', fields: trigger.fields }, (session, { inputData }) =>
              pollOnce(definition, trigger, session, inputData),
            ),
      performSubscribe: context.perform(
        { of: 'triggers', fields: trigger.fields },
        async ({ authData, targetUrl = '' }, z) =>
          subscribe(await readEventService(authData), createZapierPlatform(z), targetUrl, key),
      ),
      performUnsubscribe: context.perform(
        { of: 'triggers', fields: trigger.fields },
        async ({ authData, subscribeData }, z) => {
          const { id } = isRecord(subscribeData) ? subscribeData : {};
          if (typeof id === 'string')
            await unsubscribe(await readEventService(authData), createZapierPlatform(z), { id });
          return {};
        },
      ),
    },
  };
}

function pollingTrigger(context: AppContext, trigger: TriggerDefinition): PollingTrigger {
  const { definition } = context;
  const { noun, display } = baseOf(definition, trigger);
  return {
    key: polledKey(trigger),
    noun,
    display: { ...display, label: `${display.label} (Polling)` },
    operation: {
      type: 'polling',
      ...eventOperation(definition, trigger, polledFields(trigger)),
      perform: context.performWith({ of: 'triggers', fields: trigger.fields }, (session, { inputData }) =>
        pollOnce(definition, trigger, session, inputData),
      ),
    },
  };
}

function listTrigger({ definition, performWith }: AppContext, name: string): ListTrigger {
  const resource = definition.resources[name];
  if (resource === undefined) throw new TypeError(`There is no resource ${name}`);
  const noun = titleCase(resource.title);
  return {
    key: listKey(name),
    noun,
    display: {
      label: `List of ${noun}s`,
      description: `Triggers when a form lists ${resource.title.toLowerCase()}s.`,
      hidden: true,
    },
    operation: {
      type: 'polling',
      cleanInputData: false,
      canPaginate: true,
      sample: { id: resource.sample.id, name: resource.sample.displayName },
      perform: performWith({ of: 'actions' }, async ({ session }, { meta }) =>
        (await listResources(definition, resource, session, meta?.page ?? 0)).map(listed),
      ),
    },
  };
}

function listed({ name, value }: ListEntry): { readonly id: string; readonly name: string } {
  return { id: value, name };
}

function baseOf(
  { resources }: ConnectorDefinition,
  { key, nounTitle, description, detect }: TriggerDefinition,
): TriggerBase {
  const [only, ...others] = detect.resources;
  const title = others.length === 0 ? resources[only ?? '']?.title : undefined;
  return { key, noun: titleCase(title ?? 'Change'), display: { label: titleCase(nounTitle), description } };
}

function eventOperation(
  definition: ConnectorDefinition,
  { output, sample }: TriggerDefinition,
  fields: TriggerDefinition['fields'],
): EventOperation {
  return {
    cleanInputData: false,
    inputFields: inputFields(definition, fields),
    outputFields: eventFields(output),
    sample: sample as Json,
  };
}

/** An event that a Rolecall service has posted. Its signature was verified. @throws ConnectorError */
function readEvent(body: unknown): ProvisioningEvent {
  if (isRecord(body) && typeof body.dedupeKey === 'string' && isRecord(body.subject))
    return body as unknown as ProvisioningEvent;
  throw new ConnectorError('provider_fault', {
    what: 'The body of the webhook is not an event.',
    nextStep: 'Check the version of the Rolecall service.',
  });
}
