import { z } from 'zod';
import { action } from './action.zod.ts';
import { connection } from './connection.zod.ts';
import { field, pickLists } from './field.zod.ts';
import { attributeTitles, resource } from './resource.zod.ts';
import { source } from './source.zod.ts';
import { key, label, sentence } from './texts.zod.ts';
import { trigger } from './trigger.zod.ts';

/** manifest.json: the connector, declared. */
export const manifestSchema = z
  .strictObject({
    $schema: z.string().optional(),
    manifestVersion: z.literal(1),
    name: key,
    title: label,
    description: sentence,
    connection,
    resources: z.record(z.string(), resource),
    attributeTitles,
    pickLists,
    fieldSets: z.record(z.string(), z.array(field)),
    actions: z.array(action).min(1),
    triggers: z.array(trigger),
    sources: z.array(source),
  })
  .describe('A Rolecall connector: its connection, resources, actions, and triggers.');

/**
 * A manifest: the connector, declared. docs/manifest.md describes its language.
 *
 * @example
 * ```ts
 * const keysOf = ({ actions }: Manifest): string[] => actions.map(({ key }) => key);
 * ```
 */
export type Manifest = z.infer<typeof manifestSchema>;
