import { printable } from '../../schemas/printable.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** HTML that needs no more escaping. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Value = string | number | Html | readonly Html[];

/**
 * Builds HTML. Every value that is not HTML itself is escaped, for texts and for quoted attributes, so that what a provider
 * sends is shown and never run.
 *
 * @example
 * html`<td>${user.displayName}</td>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((markup, part, at) => `${markup}${render(values[at - 1] ?? '')}${part}`));
}

function render(value: Value): string {
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(({ markup }) => markup).join('\n');
  return printable(String(value)).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
