import type {
  AuthMethodDefinition,
  ConnectorDefinition,
  Field,
} from '../../connector/definition/definition.ts';
import { profiles } from '../../runtime/profiles.ts';
import { methodTitles, providerField } from '../kit/provider-choice.ts';
import { toHtml } from '../kit/to-html.ts';
import { secretFields } from './event-sources.ts';
import { inputField, labelOf } from './input-field.ts';
import { createPickLists } from './pick-lists.ts';
import { type RubyValue, symbols } from './ruby.ts';

/** Fields that Workato determines: a step sends its requests one after another. */
const decidedByWorkato: ReadonlySet<string> = new Set(['concurrency']);

/** The connection fields that apply to Workato whatever the method: the provider, and the secrets of the push sources. */
export function connectionFields(definition: ConnectorDefinition): readonly Field[] {
  const own = definition.connection.fields.filter(({ key }) => !decidedByWorkato.has(key));
  return [providerField(definition), ...own, ...secretFields(definition)];
}

/** The field that selects the method. Workato's own default for its name. */
export const authTypeKey = 'auth_type';
export const authTypeTitle = 'Authentication';

/** Renders the form of a connection without the fields of its method: the provider, and then what is required. */
export function connectionForm(definition: ConnectorDefinition): RubyValue {
  const [provider, ...fields] = connectionFields(definition);
  return [
    ...(provider === undefined ? [] : [connectionField(provider, providerHint(definition, provider))]),
    ...fields.filter(({ required }) => required).map((field) => connectionField(field)),
    authTypeField(definition.connection.auth.methods),
    ...fields.filter(({ required }) => !required).map((field) => connectionField(field)),
  ];
}

/** The help of the provider: for each one, how to connect to it. */
function providerHint(definition: ConnectorDefinition, { help }: Field): string {
  const lines = profiles.map(({ provider, docs, auth, baseUrl }) => {
    const link = `<a href="${toHtml(docs)}" target="_blank">${toHtml(provider)}</a>`;
    return `${link}: ${toHtml(methodTitles(definition, auth).join(' or '))}, ${toHtml(baseUrl.template)}`;
  });
  return [toHtml(help), ...lines].join('<br>');
}

function authTypeField(methods: readonly AuthMethodDefinition[]): RubyValue {
  const helps = methods.map(({ title, help }) => `<b>${toHtml(title)}</b>: ${toHtml(help)}`);
  return symbols({
    name: authTypeKey,
    label: authTypeTitle,
    // Connections from before there was a choice do not have it.
    optional: true,
    default: methods[0]?.type,
    hint: helps.join('<br>'),
    type: 'string',
    control_type: 'select',
    options: methods.map(({ title, type }) => [title, type]),
    extends_schema: true,
  });
}

/** Renders a connection field as a plain hash, because methods and pick-lists are not available there. */
export function connectionField(field: Field, hint = toHtml(field.help)): RubyValue {
  const { key, required, kind, pickList, default: preset } = field;
  if (kind !== 'boolean' && pickList === undefined)
    return inputField({ ...field, advanced: true }, { pickLists: createPickLists({ actions: [] }) });
  return symbols({
    name: key,
    label: labelOf(field),
    optional: !required,
    default: preset === undefined ? undefined : String(preset),
    hint,
    type: kind === 'boolean' ? 'boolean' : 'string',
    control_type: kind === 'boolean' ? 'checkbox' : 'select',
    options: pickList?.map(({ title: label, value }) => [label, value]),
  });
}
