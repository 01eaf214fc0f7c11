import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { Subscription } from '../../../triggers/sources/source.ts';
import { isFieldOfSource } from '../form/trigger-properties.ts';
import type { N8nHookFunctions } from './n8n-functions.ts';
import { readNodeState, writeNodeState } from './node-state.ts';
import {
  type PipelineOpener,
  requirePushed,
  type SourceOpener,
  type SubscriberOpener,
} from './open-source.ts';
import { readTriggerForm } from './read-form.ts';

/** Subscribes at the sender while the workflow is active, if the sender has an API for it. Returns what n8n expects. */
export interface WebhookSubscription {
  /** Whether there is nothing to do: the subscription exists, or is managed manually. */
  exists(functions: N8nHookFunctions): Promise<boolean>;
  create(functions: N8nHookFunctions): Promise<true>;
  delete(functions: N8nHookFunctions): Promise<true>;
}

/** Creates the subscription of the webhook node. Its state is that of the node. */
export function createWebhookSubscription(
  definition: ConnectorDefinition,
  openSource: SourceOpener,
  open: SubscriberOpener,
  openPipeline: PipelineOpener,
): WebhookSubscription {
  return {
    async exists(functions) {
      // An invalid form or source is reported when the workflow is activated, not with the first event.
      const form = readTriggerForm(definition, functions, isFieldOfSource);
      requirePushed(await openSource(functions));
      await (await openPipeline(functions, form)).openSelector();
      const subscriber = await open(functions);
      if (subscriber === undefined) return true;
      const subscription = storedSubscription(functions);
      return subscription !== undefined && subscriber.isSubscribed(webhookUrl(functions), subscription);
    },
    async create(functions) {
      const subscriber = await open(functions);
      const subscription = await subscriber?.subscribe(webhookUrl(functions));
      if (subscription !== undefined)
        writeNodeState(functions, { ...readNodeState(functions), subscription });
      return true;
    },
    async delete(functions) {
      const subscription = storedSubscription(functions);
      if (subscription === undefined) return true;
      const subscriber = await open(functions);
      if (subscriber === undefined || !subscriber.administers(subscription)) {
        const { id, at } = subscription;
        functions.logger.warn(
          `SCIM: the hook ${id} at ${at} was not deleted, because the credential belongs to another organization`,
          {},
        );
      } else {
        await subscriber.unsubscribe(subscription).catch((error: unknown) => {
          functions.logger.warn(`SCIM: the hook was not deleted. ${error}`, {});
          throw error;
        });
      }
      const { subscription: _, ...rest } = readNodeState(functions);
      writeNodeState(functions, rest);
      return true;
    },
  };
}

function storedSubscription(functions: N8nHookFunctions): Subscription | undefined {
  const { subscription } = readNodeState(functions);
  if (!isRecord(subscription)) return undefined;
  const { id, at, made } = subscription;
  return typeof id === 'string' && typeof at === 'string' && typeof made === 'string'
    ? { id, at, made }
    : undefined;
}

function webhookUrl(functions: N8nHookFunctions): string {
  const url = functions.getNodeWebhookUrl('default');
  if (url === undefined) throw new TypeError('n8n has no URL for the webhook');
  return url;
}
