import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { titleCase } from '../../kit/title-case.ts';
import { parameterNames } from '../parameter-names.ts';
import type { N8nProperty } from './n8n-property.ts';
import { helpText } from './words.ts';

/** The parameter that selects the method, and with it the credential that a node shows. */
export function authenticationProperty({ connection }: ConnectorDefinition): N8nProperty {
  const { methods } = connection.auth;
  return {
    displayName: 'Authentication',
    name: parameterNames.authentication,
    type: 'options',
    // Before a node runs, n8n selects its credential by the literal value.
    noDataExpression: true,
    options: methods.map(({ type, title, help }) => ({
      name: titleCase(title),
      value: type,
      description: helpText(help),
    })),
    default: methods[0].type,
  };
}
