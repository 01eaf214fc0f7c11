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
  readonly text: string;

  constructor(text: string) {
    this.text = text;
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
  return new Html(parts.reduce((text, part, at) => `${text}${render(values[at - 1] ?? '')}${part}`));
}

function render(value: Value): string {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(({ text }) => text).join('\n');
  return printable(String(value)).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
