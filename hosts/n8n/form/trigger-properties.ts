import type {
  ConnectorDefinition,
  Field,
  TriggerDefinition,
} from '../../../connector/definition/definition.ts';
import { parameterNames, pollingSource } from '../parameter-names.ts';
import { collectionProperty } from './collection-property.ts';
import { fieldProperty, sorted } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';
import { showWhere } from './show-where.ts';
import { helpText, titleCase } from './words.ts';

/** The parameters of the node that looks: where, for which event, and the form of each. */
export function pollTriggerProperties(definition: ConnectorDefinition): readonly N8nProperty[] {
  const isPoll = { [parameterNames.source]: [pollingSource] };
  const isFetched = { [parameterNames.source]: ['events'] };
  return [
    {
      displayName: 'Look At',
      name: parameterNames.source,
      type: 'options',
      noDataExpression: true,
      options: [
        {
          name: 'Users and Groups',
          value: pollingSource,
          description: 'Lists them and tells what has changed since the last look',
        },
        {
          name: 'Event Stream',
          value: 'events',
          description: 'Fetches the security event tokens that the provider holds ready',
        },
      ],
      default: pollingSource,
    },
    eventProperty(definition.triggers),
    ...formsOf(definition, () => true).map((property) => showWhere(property, isPoll)),
    ...formsOf(definition, isFieldOfSource).map((property) => showWhere(property, isFetched)),
  ];
}

/** The parameters of the node that is sent events: which event, and the form of each. */
export function webhookTriggerProperties(definition: ConnectorDefinition): readonly N8nProperty[] {
  return [eventProperty(definition.triggers), ...formsOf(definition, isFieldOfSource)];
}

/** Where each field of a trigger stands in its form. */
export function triggerForm(fields: readonly Field[]): { top: readonly Field[]; options: readonly Field[] } {
  const isTop = ({ required, advanced }: Field): boolean => required || !advanced;
  return { top: fields.filter(isTop), options: fields.filter((field) => !isTop(field)) };
}

/** What is said of how a provider is polled is nothing to a source of events. */
const fieldsOfPolls: ReadonlySet<string> = new Set(['startFrom', 'strategy', 'massChangeLimit', 'pageSize']);

/** Whether a field of a trigger says something of events that come by themselves. */
export function isFieldOfSource({ key }: Field): boolean {
  return !fieldsOfPolls.has(key);
}

function formsOf(
  { triggers }: ConnectorDefinition,
  takes: (field: Field) => boolean,
): readonly N8nProperty[] {
  return triggers.flatMap(({ key, fields }) => {
    const { top, options } = triggerForm(fields.filter(takes));
    const form = [
      ...top.map((field) => fieldProperty(field)),
      ...collectionProperty(options, parameterNames.options, 'Options'),
    ];
    return form.map((property) => showWhere(property, { [parameterNames.event]: [key] }));
  });
}

function eventProperty(triggers: readonly TriggerDefinition[]): N8nProperty {
  return {
    displayName: 'Event',
    name: parameterNames.event,
    type: 'options',
    noDataExpression: true,
    options: sorted(
      triggers.map(({ key, title, description }) => ({
        name: titleCase(title),
        value: key,
        description: helpText(description),
      })),
    ),
    default: triggers[0]?.key ?? '',
    description: 'What the workflow starts with',
  };
}
