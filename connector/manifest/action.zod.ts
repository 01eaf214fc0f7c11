import { z } from 'zod';
import { fieldEntry } from './field.zod.ts';
import { operation } from './operation.zod.ts';
import { key, label, sentence } from './texts.zod.ts';

export const action = z
  .strictObject({
    key,
    title: label,
    group: z.string().describe('The heading under which hosts list the action.'),
    description: sentence.describe('What the action does. Begins with a verb in the third person.'),
    effect: z
      .enum(['read', 'write', 'destructive'])
      .optional()
      .describe(
        '"read" changes nothing at the provider, "destructive" can end access or remove data, "write" is any other change. Default: "read" if the operation only reads, otherwise "destructive".',
      ),
    idempotent: z
      .boolean()
      .describe('Whether a second run with the same input has the same result as one run.'),
    everyday: z
      .boolean()
      .optional()
      .describe(
        'Whether the action is part of the everyday work of an administrator. Hosts that can offer only a few actions offer these. Default: false.',
      ),
    operation,
    fields: z.array(fieldEntry),
    sampleInput: z.record(z.string(), z.unknown()).describe('A working input.'),
    sample: z
      .unknown()
      .optional()
      .describe('A realistic output. Default: derived from the sample of the resource.'),
  })
  .describe('An action that a flow can run.');

export type ActionDeclaration = z.infer<typeof action>;
export type Effect = NonNullable<ActionDeclaration['effect']>;
