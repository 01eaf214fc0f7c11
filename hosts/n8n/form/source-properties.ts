import type { Field, SourceDefinition } from '../../../connector/definition/definition.ts';
import { titleCase } from '../../kit/title-case.ts';
import { parameterNames } from '../parameter-names.ts';
import { fieldProperty, sorted } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';
import { omittedAsZero } from './omitted-as-zero.ts';
import { showWhere } from './show-where.ts';
import { helpText } from './words.ts';

/** The parameters of the credential of an event source: the source, and the settings of each. */
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
      // These stay blank if the sender is set up manually.
      const administration = (subscription?.fields ?? []).map((field) => ({ ...field, required: false }));
      return [...fields, ...administration].map((field) =>
        showWhere(settingProperty(field), { [parameterNames.source]: [type] }),
      );
    }),
  ];
}

/** Sources have settings of the same name with different defaults, and n8n keeps only the first: 0 means the source's own. */
function settingProperty(field: Field): N8nProperty {
  const property = fieldProperty(field);
  if (property.type !== 'number' || field.default === undefined) return property;
  const preset = [field.default.toLocaleString('en-US'), field.unit].filter((part) => part !== undefined);
  return omittedAsZero(property, `${field.help} Set to 0 for the default, ${preset.join(' ')}.`);
}
