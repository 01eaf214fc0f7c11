import type { ActionDefinition } from '../../connector/definition/definition.ts';
import { formTraits } from '../kit/form-traits.ts';
import { toHtml } from '../kit/to-html.ts';

const span = (text: string): string => `<span class="provider">${toHtml(text)}</span>`;

/** "Create <span>user</span> in <span>SCIM provisioning</span>", as Workato shows a step in a recipe. */
export function actionDescription(title: string, connector: string): string {
  const [verb = '', ...rest] = title.split(' ');
  const what = rest.length === 0 ? span(verb) : `${toHtml(verb)} ${span(rest.join(' '))}`;
  return `${what} in ${span(connector)}`;
}

/** "<span>Updated user</span> in <span>SCIM provisioning</span>". */
export function triggerDescription(title: string, connector: string): string {
  return `${span(title)} in ${span(connector)}`;
}

/** The text above the fields of an action's form. */
export function actionHelp(action: ActionDefinition): string {
  const { description, idempotent, nullable } = action;
  const { clearable } = formTraits(action);
  return [
    toHtml(description),
    idempotent ? 'Safe to rerun.' : 'Not safe to rerun: may create a duplicate or make the change again.',
    ...(clearable.length > 0
      ? [
          'To clear a value, switch its field to formula mode and enter <b>clear</b>. Fields left blank are not changed.',
        ]
      : []),
    ...(nullable ? ['If nothing matches, the output is empty: check whether the ID is present.'] : []),
  ].join(' ');
}
