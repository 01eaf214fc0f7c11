import { type RubyValue, symbols } from './ruby.ts';

/** The sections of docs/hosts/workato.md that forms link to. */
export type DocsSection =
  | 'actions'
  | 'batches-of-users'
  | 'custom-requests'
  | 'fetched-events'
  | 'plan-and-apply'
  | 'push-events'
  | 'triggers';

/** The address of a section of the guide. */
export function docsUrl(section: DocsSection): string {
  return `https://github.com/rolecall/rolecall/blob/main/docs/hosts/workato.md#${section}`;
}

/** The help of a form: its text, in HTML, and a link to a section of the guide. */
export function helpWithLink(body: RubyValue, section: DocsSection): RubyValue {
  return symbols({ body, learn_more_url: docsUrl(section), learn_more_text: 'Learn more' });
}
