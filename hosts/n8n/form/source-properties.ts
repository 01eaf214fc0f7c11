import type { Field, SourceDefinition } from '../../../connector/definition/definition.ts';
import { titleCase } from '../../kit/title-case.ts';
import { parameterNames } from '../parameter-names.ts';
import { advancedSwitch, isBasic, whereAdvanced } from './advanced-settings.ts';
import { fieldProperty, sorted } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';
import { noticeProperty } from './notice-property.ts';
import { omittedAsZero } from './omitted-as-zero.ts';
import { senderSetup, untestedSettings } from './sender-setup.ts';
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
    ...sources.flatMap((source) => [
      setupNotice(source),
      ...settingsOf(source)
        .filter(isBasic)
        .map((field) => settingProperty(source, field)),
    ]),
    showWhere(advancedSwitch, {
      [parameterNames.source]: sources
        .filter((source) => !settingsOf(source).every(isBasic))
        .map(({ type }) => type),
    }),
    ...sources.flatMap((source) =>
      settingsOf(source)
        .filter((field) => !isBasic(field))
        .map((field) => whereAdvanced(settingProperty(source, field))),
    ),
  ];
}

/** How to set up the sender. */
function setupNotice(source: SourceDefinition): N8nProperty {
  const { steps, docs } = senderSetup(source);
  // Not named by the source: n8n's linter mistakes a name with "token" for a secret.
  const notice = noticeProperty('setupNotice', [...steps, ...untestedSettings(source), ...docs]);
  return showWhere(notice, { [parameterNames.source]: [source.type] });
}

function settingsOf({ fields, subscription }: SourceDefinition): readonly Field[] {
  // These stay blank if the sender is set up manually.
  return [...fields, ...(subscription?.fields ?? []).map((field) => ({ ...field, required: false }))];
}

/** Sources have settings of the same name with different defaults, and n8n keeps only the first: 0 means the source's own. */
function settingProperty({ type }: SourceDefinition, field: Field): N8nProperty {
  const property = showWhere(fieldProperty(field), { [parameterNames.source]: [type] });
  if (property.type !== 'number' || field.default === undefined) return property;
  const preset = [field.default.toLocaleString('en-US'), field.unit].filter((part) => part !== undefined);
  return omittedAsZero(property, `${field.help} Set to 0 for the default, ${preset.join(' ')}.`);
}
