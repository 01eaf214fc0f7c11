import { z } from 'zod';

/** The key of an action or a trigger. Users' flows contain it permanently, so it is plain, and short enough for every host. */
export const key = z
  .string()
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'must be lower-case words joined by "_", such as "create_user"')
  .max(60);

/** The key of a field: the name of its attribute, or like one. */
export const fieldKey = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be letters, digits, and "_", such as "displayName"')
  .max(60);

export const label = z.string().min(2).max(80).describe('A label, in sentence case.');

export const sentence = z
  .string()
  .min(10)
  .max(400)
  .regex(/[.?!]$/, 'must be a sentence that ends with a period')
  .describe('Help text for people who do not know SCIM.');
