import { z } from 'zod';
import { field } from './field.zod.ts';
import { label, sentence } from './texts.zod.ts';

export const source = z
  .strictObject({
    type: z
      .enum([
        'security_event_token',
        'security_event_poll',
        'okta_event_hook',
        'workos',
        'workos_events',
        'ory_polis',
        'workato_audit_log',
        'workato_activity_log',
      ])
      .describe(
        'How messages are verified and mapped to events. Also the key of the source: each type can be declared once.',
      ),
    title: label,
    description: sentence.describe('What the source receives. Begins with a verb in the third person.'),
    setup: z
      .strictObject({
        steps: z
          .array(sentence)
          .min(1)
          .describe(
            'What to do at the sender, in order. A setting is named by its key in backticks. "{url}" is the URL of the receiver.',
          ),
        docs: z.url().optional().describe("The page of the sender's documentation."),
      })
      .describe('How to set up the sender. Forms show it.'),
    fields: z.array(field).describe('The settings of the source.'),
    sampleInput: z.record(z.string(), z.unknown()).describe('Working settings.'),
    subscription: z
      .strictObject({ fields: z.array(field).describe('The additional settings of the subscription.') })
      .optional()
      .describe(
        'Declares that the sender has an API for subscriptions. A host that knows its own URL then subscribes and unsubscribes automatically. Default: the sender is set up manually.',
      ),
  })
  .describe('A source of events other than polls.');

export type SourceDeclaration = z.infer<typeof source>;
export type SourceType = SourceDeclaration['type'];
