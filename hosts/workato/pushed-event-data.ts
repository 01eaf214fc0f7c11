import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { errorParts, errorTexts } from '../../connector/error-texts.ts';
import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import {
  workatoAuditFields,
  workatoAuditKeyPrefix,
  workatoAuditNames,
} from '../../triggers/sources/providers/workato-audit-events.ts';
import { rejectionTexts } from '../../triggers/sources/webhook-auth/rejection-texts.ts';
import { labels } from './error-texts.ts';
import { pushedSources, safeguardFields, secretName } from './event-sources.ts';
import { labelOf } from './input-field.ts';
import { mapValues } from './map-values.ts';

type Data = Readonly<Record<string, unknown>>;

/** The data of the webhook trigger, which cannot read the data of the methods. */
export function pushedEventData(definition: ConnectorDefinition): Readonly<Record<string, Data>> {
  const mapping = eventMappingData(definition);
  return {
    ...mapping,
    texts: { ...mapping.texts, holds: holdTexts(definition) },
    labels: numberLabels(definition),
    secrets: Object.fromEntries(
      pushedSources(definition).map((source) => [
        source.type,
        source.fields.filter(({ secret }) => secret).map((field) => secretName(source, field)),
      ]),
    ),
  };
}

/** The sentences of a hold, with the labels of the form. */
function holdTexts(definition: ConnectorDefinition): Data {
  const known = labels(definition, 'triggers');
  const { accessLost, rolesLost, membersLost, affected, andMore, sendAgain } = errorParts;
  return mapValues(
    { ...errorTexts.eventsHeld, accessLost, rolesLost, membersLost, affected, andMore, sendAgain },
    (text) =>
      text.replace(/`(\w+)`/g, (key, name: string) => (known.has(name) ? `"${known.get(name)}"` : key)),
  );
}

/** The labels of the fields that must have a number, by key. */
function numberLabels(definition: ConnectorDefinition): Data {
  const fields = [
    ...pushedSources(definition).flatMap((source) => source.fields),
    ...safeguardFields(definition),
  ];
  return Object.fromEntries(
    fields.filter(({ kind }) => kind === 'integer').map((field) => [field.key, labelOf(field)]),
  );
}

/** The data of the mapping of events: see parts/event_mapping.rb. */
export function eventMappingData({ resources }: ConnectorDefinition): Readonly<Record<string, Data>> {
  return {
    resources: Object.fromEntries(
      Object.values(resources).map(
        ({ name, endpoint, schema, extensions, roles, attributes, extensionAttributes }) => [
          name,
          {
            endpoint,
            schema,
            extensions,
            roles,
            attributes: {
              ...kindsOf(attributes),
              ...Object.fromEntries(extensions.map((id) => [id, kindsOf(extensionAttributes[id] ?? [])])),
            },
          },
        ],
      ),
    ),
    texts: { rejections: rejectionTexts },
    audit: {
      names: Object.fromEntries(
        [...workatoAuditNames].map(([name, { resource, meaning }]) => [name, [resource, meaning]]),
      ),
      fields: workatoAuditFields,
      keyPrefix: workatoAuditKeyPrefix,
    },
  };
}

/** The conversion of a value: to a string, to a boolean, or none. */
const readAs: Readonly<Record<string, number>> = { string: 0, reference: 0, boolean: 1 };

/** Attributes by name: their conversion, or their sub-attributes; in a list if multi-valued. */
function kindsOf(attributes: readonly ScimAttribute[]): Data {
  return Object.fromEntries(
    attributes.map(({ name, type, multiValued, subAttributes }) => {
      const kind = type === 'complex' ? kindsOf(subAttributes ?? []) : (readAs[type] ?? 2);
      return [name, multiValued === true ? [kind] : kind];
    }),
  );
}
