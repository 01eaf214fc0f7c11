import type { ConnectorDefinition, Field } from '../../../connector/definition/definition.ts';
import { authTypeKey } from '../../kit/connection-form.ts';
import { providerField } from '../../kit/provider-choice.ts';
import { titleCase } from '../../kit/title-case.ts';
import { inputFields } from './input-fields.ts';
import type { ZapierField } from './zapier-field.ts';

/** The keys of the fields of the Rolecall service that sends events. */
export const serviceUrlKey = 'serviceUrl';
export const serviceTokenKey = 'serviceToken';

/** The labels of the fields of a connection that are not those of the provider. */
export const serviceLabels = {
  [authTypeKey]: 'Authentication',
  [serviceUrlKey]: 'Rolecall Service URL',
  [serviceTokenKey]: 'Rolecall Service Token',
} as const;

/** A field of a connection: Zapier's default is that it is required. */
export type AuthField = Omit<ZapierField, 'required'> & { readonly required: boolean };

/** The timeouts, since Zapier ends a run after 30 seconds, and plain HTTP, which would leave Zapier's network. */
const decidedByZapier: ReadonlySet<string> = new Set(['allowPlainHttp', 'deadlineInMs', 'timeoutInMs']);

/**
 * The fields of a connection. An app has one kind of connection, so that they are those of every method: which ones are
 * required depends on the selected method.
 */
export function authFields(definition: ConnectorDefinition): readonly AuthField[] {
  const { fields, auth } = definition.connection;
  const own = fields.filter(({ key }) => !decidedByZapier.has(key));
  const render = (some: readonly Field[]): readonly AuthField[] =>
    inputFields(definition, some).map((field) => ({ ...field, required: field.required ?? false }));
  return [
    ...render([providerField(definition)]),
    ...render(own.filter(({ advanced }) => !advanced)),
    {
      key: authTypeKey,
      label: serviceLabels[authTypeKey],
      type: 'string',
      helpText: 'How the provider authenticates requests. Fill in the fields that begin with this method.',
      choices: auth.methods.map(({ type, title }) => ({
        value: type,
        sample: type,
        label: titleCase(title),
      })),
      default: auth.methods[0].type,
      required: true,
    },
    ...auth.methods.flatMap((method) =>
      render(method.fields).map((field) => ({
        ...field,
        label: `${titleCase(method.title)}: ${field.label}`,
        required: false,
      })),
    ),
    {
      key: serviceUrlKey,
      label: serviceLabels[serviceUrlKey],
      type: 'string',
      helpText: 'For instant triggers only: the public URL of a Rolecall service with subscriptions.',
      placeholder: 'https://rolecall.example.com',
      required: false,
    },
    {
      key: serviceTokenKey,
      label: serviceLabels[serviceTokenKey],
      type: 'password',
      helpText: 'For instant triggers only: the token of the subscriptions of that service.',
      required: false,
    },
    ...render(own.filter(({ advanced }) => advanced)),
  ];
}
