import { z } from 'zod';
import { eventTypes } from '../event.ts';
import { fieldEntry } from './field.zod.ts';
import { key, label, sentence } from './texts.zod.ts';

const eventType = z.enum(eventTypes);

export const trigger = z
  .strictObject({
    key,
    title: label,
    nounTitle: label
      .optional()
      .describe(
        'The title in hosts that name a trigger by what a flow receives, such as "New user". Default: "title".',
      ),
    group: z.string().describe('The heading under which hosts list the trigger.'),
    description: sentence.describe('When the trigger starts a flow: "Triggers when …".'),
    detect: z
      .strictObject({
        resources: z.array(z.string()).min(1).describe('The resource types.'),
        types: z.array(eventType).min(1).describe('The event types, in the terms of RFC 9967.'),
        changed: z
          .union([z.literal('roles'), z.array(z.string()).min(1)])
          .optional()
          .describe(
            'Requires at least one change at or below one of these paths. "roles": the paths in "roles" of the resource.',
          ),
        except: z
          .array(z.string())
          .min(1)
          .optional()
          .describe('Requires at least one change outside these paths.'),
      })
      .describe('The events that the trigger reports.'),
    fields: z.array(fieldEntry),
    sampleInput: z.record(z.string(), z.unknown()).describe('A working input.'),
    sample: z
      .strictObject({
        type: eventType,
        changes: z.array(
          z.strictObject({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() }),
        ),
      })
      .describe(
        'An event that the trigger reports. The remaining data is derived from the sample of the resource.',
      ),
  })
  .describe('A trigger that can start a flow.');

export type TriggerDeclaration = z.infer<typeof trigger>;
