import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { renameFields } from '../../../connector/rename-fields.ts';
import { fieldLabels } from '../../field-labels.ts';
import { labelOf } from '../form/words.ts';

/** Puts the labels of the forms in place of the keys of fields in errors. */
export interface ErrorLabels {
  /** An error with labels; any other value, unchanged. */
  label<Thrown>(thrown: Thrown): Thrown | ConnectorError;
  /** A function whose errors have labels. */
  wrap<Arguments extends readonly unknown[], Value>(
    run: (...given: Arguments) => Promise<Value>,
  ): (...given: Arguments) => Promise<Value>;
}

/** Creates the labels of a connector's errors. */
export function createErrorLabels({
  connection,
  actions,
  triggers,
  sources,
}: ConnectorDefinition): ErrorLabels {
  const fields = [
    ...connection.fields,
    ...[...actions, ...triggers, ...sources].flatMap((one) => one.fields),
    ...sources.flatMap(({ subscription }) => subscription?.fields ?? []),
  ];
  const labels = fieldLabels(fields, labelOf);
  const nameOf = (path: string): string | undefined => {
    const label = labels.get(path);
    return label === undefined ? undefined : `"${label}"`;
  };
  const label = <Thrown>(thrown: Thrown): Thrown | ConnectorError =>
    thrown instanceof ConnectorError ? renameFields(thrown, nameOf) : thrown;
  return {
    label,
    wrap:
      (run) =>
      async (...given) => {
        try {
          return await run(...given);
        } catch (error) {
          throw label(error);
        }
      },
  };
}
