import type {
  ConnectorDefinition,
  Field,
  TriggerDefinition,
} from '../../../connector/definition/definition.ts';
import { titleCase } from '../../kit/title-case.ts';
import { logSource, parameterNames, pollingSource, streamSource } from '../parameter-names.ts';
import { authenticationProperty } from './authentication-property.ts';
import { collectionProperty } from './collection-property.ts';
import { fieldProperty, sorted } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';
import { showWhere } from './show-where.ts';
import { helpText } from './words.ts';

/** The parameters of the polling node: the authentication, the source, the event, and the form of each. */
export function pollTriggerProperties(definition: ConnectorDefinition): readonly N8nProperty[] {
  const isPoll = { [parameterNames.source]: [pollingSource] };
  const isFetched = { [parameterNames.source]: [streamSource, logSource] };
  return [
    // Not `show`: n8n's editor hides a parameter on which showing the authentication depends.
    {
      ...authenticationProperty(definition),
      displayOptions: { hide: { [parameterNames.source]: [logSource] } },
    },
    {
      displayName: 'Source',
      name: parameterNames.source,
      type: 'options',
      noDataExpression: true,
      options: [
        {
          name: 'Users and Groups',
          value: pollingSource,
          description: 'Polls the provider and reports what changed since the last poll',
        },
        {
          name: 'Event Stream (RFC 8936)',
          value: streamSource,
          description: "Polls the provider's stream of security event tokens",
        },
        {
          name: 'Event Log',
          value: logSource,
          description: 'Polls the log that Workato or WorkOS keeps of its events',
        },
      ],
      default: pollingSource,
    },
    eventProperty(definition.triggers),
    ...formsOf(definition, () => true).map((property) => showWhere(property, isPoll)),
    ...formsOf(definition, isFieldOfSource)
      .map((property) => (property.type === 'collection' ? withoutLookup(definition, property) : property))
      .map((property) => showWhere(property, isFetched)),
  ];
}

/** The parameters of the webhook node: the authentication, the event, and the form of each. */
export function webhookTriggerProperties(definition: ConnectorDefinition): readonly N8nProperty[] {
  return [
    authenticationProperty(definition),
    eventProperty(definition.triggers),
    ...formsOf(definition, isFieldOfSource),
  ];
}

/** The layout of a trigger's form. */
export function triggerForm(fields: readonly Field[]): { top: readonly Field[]; options: readonly Field[] } {
  const isTop = ({ required, advanced }: Field): boolean => required || !advanced;
  return { top: fields.filter(isTop), options: fields.filter((field) => !isTop(field)) };
}

/** Whether a field of a trigger also applies to events from a source. */
export function isFieldOfSource({ polling, safeguard }: Field): boolean {
  return !polling || safeguard;
}

function formsOf(
  { triggers }: ConnectorDefinition,
  takes: (field: Field) => boolean,
): readonly N8nProperty[] {
  return triggers.flatMap(({ key, fields }) => {
    const { top, options } = triggerForm(fields.filter(takes));
    const form = [...top.map((field) => fieldProperty(field)), ...collectionProperty(options, 'options')];
    return form.map((property) => showWhere(property, { [parameterNames.event]: [key] }));
  });
}

/** A log is read without the provider, at which a group would have to be looked up. */
function withoutLookup(
  { triggers }: ConnectorDefinition,
  { options = [], ...collection }: N8nProperty,
): N8nProperty {
  const references = triggers.flatMap(({ fields }) => fields.filter(({ kind }) => kind === 'reference'));
  const names = new Set(references.map(({ key }) => key));
  const hide = { [`/${parameterNames.source}`]: [logSource] };
  return {
    ...collection,
    options: (options as readonly N8nProperty[]).map((option) =>
      names.has(option.name) ? { ...option, displayOptions: { hide } } : option,
    ),
  };
}

function eventProperty(triggers: readonly TriggerDefinition[]): N8nProperty {
  return {
    displayName: 'Trigger On',
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
  };
}
