import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import { renameFields } from '../../connector/rename-fields.ts';
import { defaultConnectionFields } from './default-connection-fields.ts';
import { authLabels, fieldLabels, labelOfPath } from './field-labels.ts';

/** The ways to identify a resource, by their labels: 'No user matches userName "ada".' has "Username". */
function labelReferences(
  { resources }: ConnectorDefinition,
  labelOf: (field: Field) => string,
  text: string,
): string {
  return text.replace(
    /^(.*?(\w+?)s? match(?:es)? )(.*)$/,
    (whole, start: string, noun: string, references: string) => {
      const resource = Object.values(resources).find(({ title }) => title.toLowerCase() === noun);
      if (resource === undefined) return whole;
      const ways = new Map((resource.reference.fields ?? []).map((field) => [field.key, labelOf(field)]));
      const labeled = references.replace(/\b(\w+)(?= ")/g, (key: string) => ways.get(key) ?? key);
      return `${start}${labeled}`;
    },
  );
}

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
    const renamed = renameFields(thrown, (path) => {
      const text = labelOfPath(form, labelOf, path) ?? knownLabel(path);
      return text === undefined ? undefined : `"${text}"`;
    });
    // A sentence that quotes the provider does not change.
    if (thrown.detail !== undefined) return renamed;
    const what = labelReferences(definition, labelOf, renamed.what);
    return new ConnectorError(renamed.code, { ...renamed, what, cause: thrown });
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
