/** The names in braces of a template: `'{count} of {total}'` has `'count' | 'total'`. */
type Names<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;

/** The values that templates accept, by the names in their braces. */
export type Values<Template extends string> = Readonly<Record<Names<Template>, string | number>>;

/**
 * Fills the placeholders of a template. In a placeholder in quotation marks, those of the value are escaped.
 *
 * @example
 * fill('must be {limit} or less', { limit: 100 }); // "must be 100 or less"
 */
export function fill<const Template extends string>(template: Template, values: Values<Template>): string {
  const all: Readonly<Record<string, string | number>> = values;
  return template.replace(/("?)\{(\w+)\}\1/g, (_, quote: string, name: string) => {
    const value = String(all[name]);
    return quote === '' ? value : JSON.stringify(value);
  });
}
