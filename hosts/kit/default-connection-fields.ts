import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';

/** The fields of a connection form that has only the default authentication method. */
export function defaultConnectionFields({ connection }: ConnectorDefinition): readonly Field[] {
  const { fields, auth } = connection;
  return [
    ...fields.filter(({ advanced }) => !advanced),
    ...auth.methods[0].fields,
    ...fields.filter(({ advanced }) => advanced),
  ];
}
