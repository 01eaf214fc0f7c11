import type { Field } from '../../../connector/definition/definition.ts';

/** A field of a form, with its place. */
export interface Entry {
  /** Unique in the form, also among the fields of its lists, as Zapier requires. */
  readonly key: string;
  /** The keys that lead to its value in the input. */
  readonly path: readonly string[];
  readonly field: Field;
  /** The titles of the objects that it belongs to. */
  readonly within: readonly Field[];
}

/**
 * The fields of a form as Zapier has them: a form has lists of objects, but no objects, so that each field of an object
 * is one of the form. Forms are rendered and read by this.
 */
export function entriesOf(fields: readonly Field[], within: readonly Field[] = []): readonly Entry[] {
  return fields.flatMap((field) => {
    if (field.kind === 'object' && field.fields !== undefined)
      return entriesOf(field.fields, [...within, field]);
    const path = [...within, field].map(({ key }) => key);
    return [{ key: keyOf(path), path, field, within }];
  });
}

/** The key of a field below others: `name` and `givenName` are `name_givenName`. */
export function keyOf(path: readonly string[]): string {
  return path.map((key) => key.replace(/\W/g, '')).join('_');
}

/** The key of the field that says which way a reference identifies its resource. */
export function wayKey(key: string): string {
  return `${key}_by`;
}
