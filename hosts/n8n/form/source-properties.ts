import type { Field, SourceDefinition } from '../../../connector/definition/definition.ts';
import { parameterNames } from '../parameter-names.ts';
import { fieldProperty, sorted } from './field-property.ts';
import { leftOutAsZero } from './left-out-as-zero.ts';
import type { N8nProperty } from './n8n-property.ts';
import { showWhere } from './show-where.ts';
import { helpText, titleCase } from './words.ts';

/** The parameters of the credential of a source of events: which source, and the settings of each. */
export function sourceProperties(sources: readonly SourceDefinition[]): readonly N8nProperty[] {
  return [
    {
      displayName: 'Event Source',
      name: parameterNames.source,
      type: 'options',
      options: sorted(
        sources.map(({ type, title, description }) => ({
          name: titleCase(title),
          value: type,
          description: helpText(description),
        })),
      ),
      default: sources[0]?.type ?? '',
      description: 'Service that sends the events, or that is polled for them',
    },
    ...sources.flatMap(({ type, fields, subscription }) => {
      // These stay blank where the sender is set up by hand.
      const administration = (subscription?.fields ?? []).map((field) => ({ ...field, required: false }));
      return [...fields, ...administration].map((field) =>
        showWhere(settingProperty(field), { [parameterNames.source]: [type] }),
      );
    }),
  ];
}

/** Sources have settings of one name with different defaults, of which n8n keeps the first: 0 stands for the source's own. */
function settingProperty(field: Field): N8nProperty {
  const property = fieldProperty(field);
  if (property.type !== 'number' || field.default === undefined) return property;
  const preset = [field.default.toLocaleString('en-US'), field.unit].filter((part) => part !== undefined);
  return leftOutAsZero(property, `${field.help} Set to 0 for the default, ${preset.join(' ')}.`);
}
