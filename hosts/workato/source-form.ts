import type { Field } from '../../connector/definition/definition.ts';
import { dataCenters } from './data-centers.ts';
import type { SourceTrigger } from './event-sources.ts';
import { inputField, type RenderContext } from './input-field.ts';
import { printBody } from './lambdas.ts';
import { code, type RubyValue, symbols } from './ruby.ts';

/** The form of a trigger for event sources, which depends on the source. @param guards the fields of the safeguard */
export function sourceForm(
  { sources }: SourceTrigger,
  guards: readonly Field[],
  context: RenderContext,
): RubyValue {
  const forms = sources.map(({ type, fields }) => {
    const form = [...fields.filter(({ secret }) => !secret), ...guards].map((field) => {
      if (field.key === 'jwksUrl') return keysField(field.help);
      return inputField(type === 'workato_activity_log' ? withDataCenters(field) : field, context);
    });
    return [type, form] as const;
  });
  const some = Object.fromEntries(forms.filter(([, form]) => form.length > 0));
  return code(`${printBody(some)}.fetch(config_fields['source'], [])`, ['config_fields']);
}

function withDataCenters(field: Field): Field {
  return field.key === 'apiUrl' ? { ...field, pickList: dataCenters, custom: true } : field;
}

/** A webhook cannot fetch anything, so the keys are pasted. */
function keysField(help: string): RubyValue {
  return symbols({
    name: 'jwks',
    label: 'Public keys (JWKS)',
    optional: false,
    type: 'string',
    control_type: 'text-area',
    hint: `${help} Open that URL and paste its whole content, such as {"keys": […]}. Paste it again when the issuer rotates its keys, because Workato cannot fetch them while it receives an event.`,
  });
}
