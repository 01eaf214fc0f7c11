import { z } from 'zod';
import { traitNames } from '../traits.ts';
import { authMethod } from './connection.zod.ts';
import { fieldKey, label, sentence } from './texts.zod.ts';

const source = z
  .string()
  .min(10)
  .describe('Where it was read: the URL of a page, or a report such as "awslabs/ssosync#1".');

const parameter = z
  .strictObject({
    key: fieldKey,
    title: label,
    help: sentence,
    sample: z.string().min(1),
    options: z
      .array(z.strictObject({ value: z.string().min(1), title: label }))
      .min(2)
      .optional()
      .describe('The usual values, such as data centers. Others are accepted.'),
  })
  .describe('A part of the base URL that differs between accounts.');

/** The profile of a provider. */
export const profile = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words joined by "-", such as "acme-cloud"')
      .max(60)
      .describe('The name for --profile.'),
    provider: label.describe('The name of the product.'),
    docs: z.url({ protocol: /^https$/ }).describe("The provider's own page about SCIM."),
    baseUrl: z
      .strictObject({
        template: z.string().regex(/^(https:\/\/|\{)/, 'must begin with "https://" or a parameter'),
        parameters: z.array(parameter).optional(),
        help: sentence.describe('Where to find the base URL.'),
      })
      .describe('The base URL of the SCIM service, with its parameters in braces.'),
    auth: z
      .array(
        z.strictObject({
          type: authMethod.shape.type,
          help: sentence.describe(
            'Where to create the token or the client, and what it must be allowed to do.',
          ),
        }),
      )
      .min(1)
      .describe('The authentication methods of the provider, the recommended one first.'),
    connection: z
      .strictObject({
        requestsPerMinute: z.int().min(1).max(1_000_000).optional(),
        concurrency: z.int().min(1).max(256).optional(),
        source,
      })
      .optional()
      .describe('Defaults of the connection.'),
    traits: z
      .array(z.strictObject({ name: z.enum(traitNames), source }))
      .describe(
        'How the provider deviates from the RFCs, or from what clients expect, each with its source.',
      ),
    notes: z.array(sentence).optional().describe('What else to expect of the provider.'),
    assumptions: z
      .array(sentence)
      .optional()
      .describe('Everything in the profile that no public page states.'),
  })
  .refine(({ baseUrl: { template, parameters = [] } }) => {
    const used = [...template.matchAll(/\{(\w+)\}/g)].map(([, key]) => key);
    return used.length === parameters.length && parameters.every(({ key }) => used.includes(key));
  }, 'must declare each parameter of "baseUrl.template" once, and no other')
  .describe('The profile of a provider: how to connect to it, and what is known of it in advance.');

/**
 * The profile of a provider: how to connect to it, and what is known of it in advance.
 *
 * @example
 * ```ts
 * const explain = ({ provider, traits }: Profile): string => `${provider}: ${traits.map(({ name }) => name).join(', ')}`;
 * ```
 */
export type Profile = z.infer<typeof profile>;
