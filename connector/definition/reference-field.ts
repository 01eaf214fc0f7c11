import type { ResourceDeclaration } from '../manifest/resource.zod.ts';
import { defineField } from './define-field.ts';
import type { Field } from './definition.ts';
import { objectOf } from './object-of.ts';

/** The field that identifies one resource by exactly one of the declared keys. Each key is a separate closed object. */
export function referenceField(name: string, { reference }: ResourceDeclaration): Field {
  const { key, title, help, lookupKeys } = reference;
  const ways = lookupKeys.map((way) =>
    defineField(
      { key: way.key, title: way.title, help: way.help, type: 'string', required: true, sample: way.sample },
      {},
    ),
  );
  const sample = Object.fromEntries(ways.slice(0, 1).map((way) => [way.key, way.sample]));
  return {
    key,
    title,
    help,
    kind: 'reference',
    resource: name,
    required: true,
    custom: false,
    secret: false,
    advanced: false,
    polling: false,
    safeguard: false,
    choosesRows: false,
    sample,
    fields: ways,
    schema: {
      title,
      description: help,
      'x-name': `${name}Reference`,
      oneOf: ways.map((way) => objectOf([way])),
    },
  };
}
