import { z } from 'zod';
import { action } from './action.zod.ts';
import { pickLists } from './field.zod.ts';
import { profile } from './profile.zod.ts';
import { attributeTitles, resourceExtension } from './resource.zod.ts';
import { label } from './texts.zod.ts';
import { trigger } from './trigger.zod.ts';

/** An overlay: a provider's own schemas, fields, and actions, which are added to the manifest. */
export const overlaySchema = z
  .strictObject({
    $schema: z.string().optional(),
    $comment: z
      .array(z.string())
      .optional()
      .describe('Notes for people who read the file. They have no effect.'),
    overlayVersion: z.literal(1),
    title: label.describe('A label for the overlay, such as the name of the provider.'),
    profile: profile.optional(),
    schemas: z
      .array(
        z.looseObject({
          id: z.string(),
          attributes: z.array(z.looseObject({ name: z.string(), type: z.string() })),
        }),
      )
      .optional()
      .describe('SCIM schemas, as the provider returns them at /Schemas.'),
    resources: z.record(z.string(), resourceExtension).optional(),
    attributeTitles: attributeTitles.optional(),
    pickLists: pickLists.optional(),
    actions: z.array(action).optional(),
    triggers: z.array(trigger).optional(),
  })
  .describe("An overlay of a Rolecall manifest: a provider's own attributes and actions, and its profile.");

/**
 * An overlay: a provider's own attributes, fields, and actions, which are added to a manifest.
 *
 * @example
 * ```ts
 * const overlay: Overlay = parseOverlay({
 *   overlayVersion: 1,
 *   title: 'Acme',
 *   pickLists: { region: [{ value: 'eu', title: 'Europe' }] },
 * });
 * ```
 */
export type Overlay = z.infer<typeof overlaySchema>;
