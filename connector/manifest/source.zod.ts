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
        'ory_polis',
        'workato_audit_log',
      ])
      .describe(
        'How its messages are verified and mapped. There is one source of each type, and this is its key.',
      ),
    title: label,
    description: sentence.describe('What it receives. Begins with a verb in the third person.'),
    fields: z.array(field).describe('Its settings.'),
    sampleInput: z.record(z.string(), z.unknown()).describe('Working settings.'),
    subscription: z
      .strictObject({ fields: z.array(field).describe('The additional settings of the subscription.') })
      .optional()
      .describe(
        'That a host which knows its own address can have the sender send there, and no longer, by itself. Left out: a person sets the sender up.',
      ),
  })
  .describe('An event source, in addition to polls.');

export type SourceDeclaration = z.infer<typeof source>;
export type SourceType = SourceDeclaration['type'];
