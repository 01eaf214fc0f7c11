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
      displayName: 'Source',
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
      description: 'Who sends the events, or holds them ready',
    },
    ...sources.flatMap(({ type, fields, subscription }) => {
      // Who sets the sender up by hand leaves these out.
      const administration = (subscription?.fields ?? []).map((field) => ({ ...field, required: false }));
      return [...fields, ...administration].map((field) =>
        showWhere(settingProperty(field), { [parameterNames.source]: [type] }),
      );
    }),
  ];
}

/** Sources have settings of one name with other defaults, of which n8n keeps the first: 0 stands for the source's own. */
function settingProperty(field: Field): N8nProperty {
  const property = fieldProperty(field);
  if (property.type !== 'number' || field.default === undefined) return property;
  return leftOutAsZero(property, `${field.help} 0: ${field.default}.`);
}
