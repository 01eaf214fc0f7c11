import { z } from 'zod';
import { field } from './field.zod.ts';
import { label, sentence } from './texts.zod.ts';

/** A way to authenticate at a provider, declared. */
export const authMethod = z
  .strictObject({
    type: z
      .enum(['bearer', 'oauth_client_credentials', 'basic', 'header'])
      .describe('How requests authenticate. Also the key of the method: each type can be declared once.'),
    title: label,
    help: sentence,
    fields: z
      .array(field)
      .min(1)
      .describe(
        'What the method needs. A host can show the fields of all methods in one form, so no two fields of a connection have the same key.',
      ),
  })
  .describe('A way to authenticate at the provider.');

export const connection = z
  .strictObject({
    fields: z.array(field).min(1).describe('The fields of every connection, whatever its method.'),
    auth: z
      .strictObject({
        methods: z
          .array(authMethod)
          .min(1)
          .describe('The methods, of which a connection uses one. The first one is the default.'),
      })
      .describe('How a connection authenticates.'),
  })
  .describe('The connection to a provider.');

export type ConnectionDeclaration = z.infer<typeof connection>;
export type AuthMethodDeclaration = z.infer<typeof authMethod>;
export type AuthType = AuthMethodDeclaration['type'];
