import { isRecord } from '../../../schemas/is-record.ts';
import type { Subscription } from '../../../triggers/sources/subscriber.ts';
import type { N8nHookFunctions } from './n8n-functions.ts';
import type { SubscriberOpener } from './open-source.ts';

/** Has the sender send while the workflow is switched on, where it takes that from us. Each gives what n8n expects. */
export interface WebhookSubscription {
  /** Whether there is nothing to be done: the sender sends here already, or a person sets it up. */
  exists(functions: N8nHookFunctions): Promise<boolean>;
  create(functions: N8nHookFunctions): Promise<true>;
  delete(functions: N8nHookFunctions): Promise<true>;
}

/** Makes that. What it keeps stands in the node's static data. */
export function createWebhookSubscription(open: SubscriberOpener): WebhookSubscription {
  return {
    async exists(functions) {
      const subscriber = await open(functions);
      if (subscriber === undefined) return true;
      const subscription = keptIn(functions);
      return subscription !== undefined && subscriber.isSubscribed(addressOf(functions), subscription);
    },
    async create(functions) {
      const subscriber = await open(functions);
      const subscription = await subscriber?.subscribe(addressOf(functions));
      if (subscription !== undefined) functions.getWorkflowStaticData('node').subscription = subscription;
      return true;
    },
    async delete(functions) {
      const subscription = keptIn(functions);
      if (subscription === undefined) return true;
      await (await open(functions))?.unsubscribe(subscription);
      delete functions.getWorkflowStaticData('node').subscription;
      return true;
    },
  };
}

function keptIn(functions: N8nHookFunctions): Subscription | undefined {
  const { subscription } = functions.getWorkflowStaticData('node');
  return isRecord(subscription) && typeof subscription.id === 'string' ? { id: subscription.id } : undefined;
}

function addressOf(functions: N8nHookFunctions): string {
  const url = functions.getNodeWebhookUrl('default');
  if (url === undefined) throw new TypeError('n8n has no address for the webhook');
  return url;
}
