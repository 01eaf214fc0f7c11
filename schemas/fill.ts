/** The names in braces of a template: `'{count} of {total}'` has `'count' | 'total'`. */
type Names<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

/** The values that templates take, by the names in their braces. */
export type Values<Template extends string> = Readonly<Record<Names<Template>, string | number>>;

/**
 * Fills the placeholders of a template.
 *
 * @example
 * fill('must be {limit} or less', { limit: 100 }); // "must be 100 or less"
 */
export function fill<const Template extends string>(template: Template, values: Values<Template>): string {
  const all: Readonly<Record<string, string | number>> = values;
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(all[name]));
}
