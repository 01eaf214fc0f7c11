import { toHtml } from '../../kit/to-html.ts';
import type { N8nProperty } from './n8n-property.ts';

/** A notice with one entry per line of HTML. Of all markup, n8n's editor keeps only lists and links in a notice. */
export function noticeProperty(name: string, lines: readonly string[]): N8nProperty {
  const entries = lines.map((line) => `<li>${line}</li>`).join('');
  return { displayName: `<ul>${entries}</ul>`, name, type: 'notice', default: '' };
}

/** The link to a product's documentation. */
export function docsLink(product: string, url: string): string {
  return `<a href="${toHtml(url)}" target="_blank">${toHtml(product)} documentation</a>`;
}
