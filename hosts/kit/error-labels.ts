import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { renameFields } from '../../connector/rename-fields.ts';
import { defaultConnectionFields } from './default-connection-fields.ts';
import { authLabels, fieldLabels, labelOfPath } from './field-labels.ts';

/** Replaces the keys of fields in errors by the labels of a host's forms. */
export interface ErrorLabels {
  /** An error with labels; any other value, unchanged. @param form the fields of the form whose error it is, if known */
  label<Thrown>(thrown: Thrown, form?: readonly Field[]): Thrown | ConnectorError;
  /** A function whose errors have labels. */
  wrap<Arguments extends readonly unknown[], Value>(
    run: (...given: Arguments) => Promise<Value>,
  ): (...given: Arguments) => Promise<Value>;
}

/**
 * Creates the labels of a connector's errors, for hosts that run the library.
 *
 * @param forms - whose errors these are: the same key can have different labels in actions and triggers
 * @param ownLabels - the labels of the host's own parameters, by name
 */
export function createErrorLabels(
  definition: ConnectorDefinition,
  labelOf: (field: Field) => string,
  forms: 'actions' | 'triggers',
  ownLabels: Readonly<Record<string, string>> = {},
): ErrorLabels {
  const { actions, triggers, sources } = definition;
  const own = fieldLabels(
    definition[forms].flatMap(({ fields }) => fields),
    labelOf,
  );
  const labels = fieldLabels(
    [
      ...defaultConnectionFields(definition),
      ...[...actions, ...triggers, ...sources].flatMap(({ fields }) => fields),
      ...actions.flatMap(({ dryRun }) => dryRun?.field ?? []),
      ...sources.flatMap(({ subscription }) => subscription?.fields ?? []),
    ],
    labelOf,
  );
  const methodLabels = authLabels(definition, labelOf);
  const knownLabel = (path: string): string | undefined =>
    methodLabels.get(path) ?? own.get(path) ?? ownLabels[path] ?? labels.get(path);
  const label = <Thrown>(thrown: Thrown, form: readonly Field[] = []): Thrown | ConnectorError => {
    if (!(thrown instanceof ConnectorError)) return thrown;
    return renameFields(thrown, (path) => {
      const text = labelOfPath(form, labelOf, path) ?? knownLabel(path);
      return text === undefined ? undefined : `"${text}"`;
    });
  };
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
