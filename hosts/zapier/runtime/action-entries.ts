import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formTraits, resourceOfAction } from '../../kit/form-traits.ts';
import { singular, titleCase } from '../../kit/title-case.ts';
import { creatingAction, findingAction } from '../find-or-create.ts';
import { actionFields, bulkRowFields } from '../form/action-fields.ts';
import { formOf } from '../form/form-of.ts';
import { type OutputField, outputFields } from '../form/output-fields.ts';
import { readForm } from '../form/read-form.ts';
import type { ZapierField } from '../form/zapier-field.ts';
import type { AppContext } from './app-context.ts';
import { customFields, readCustom } from './custom-attributes.ts';
import type { Perform } from './zapier-functions.ts';

type Json = Readonly<Record<string, unknown>>;

/** What Zapier shows of an action or a trigger. */
export interface Display {
  readonly label: string;
  readonly description: string;
  readonly hidden?: true;
}

/** One of Zapier's creates or searches. */
export interface ActionEntry<Result> {
  readonly key: string;
  readonly noun: string;
  readonly display: Display;
  readonly operation: {
    readonly cleanInputData: false;
    readonly inputFields: readonly (ZapierField | Perform<readonly ZapierField[]>)[];
    readonly outputFields: readonly OutputField[];
    readonly sample: Json;
    readonly perform: Perform<Result>;
  };
}

/** A pair of a search and a create: "Find or Create User". */
export interface FindOrCreateEntry {
  readonly key: string;
  readonly display: Display;
  readonly search: string;
  readonly create: string;
}

/** The actions that change something, by their keys. */
export function createEntries(context: AppContext): Readonly<Record<string, ActionEntry<Json>>> {
  const { actions } = context.definition;
  return byKey(
    actions
      .filter(({ effect }) => effect !== 'read')
      .map((action) =>
        actionEntry(context, action, action.output, action.sample as Json, (output) =>
          isRecord(output) ? output : {},
        ),
      ),
  );
}

/** The actions that only read, by their keys. A search returns a list, which is empty if nothing matches. */
export function searchEntries(context: AppContext): Readonly<Record<string, ActionEntry<readonly Json[]>>> {
  const { actions } = context.definition;
  return byKey(
    actions
      .filter(({ effect }) => effect === 'read')
      .map((action) => {
        if (!formTraits(action).returnsList)
          return actionEntry(context, action, action.output, action.sample as Json, (output) =>
            isRecord(output) ? [output] : [],
          );
        const { items = {} } = action.output.properties?.resources ?? {};
        const [sample = {}] = resourcesIn(action.sample);
        return actionEntry(context, action, items, sample, resourcesIn);
      }),
  );
}

/** The pairs of a search and a create, by the key of the search, as Zapier requires. */
export function findOrCreateEntries({
  actions,
  resources,
}: ConnectorDefinition): Readonly<Record<string, FindOrCreateEntry>> {
  return byKey(
    Object.values(resources).flatMap(({ name, title }) => {
      const search = findingAction(actions, name);
      const create = creatingAction(actions, name);
      if (search === undefined || create === undefined) return [];
      const label = titleCase(title);
      return [
        {
          key: search.key,
          display: {
            label: `Find or Create ${label}`,
            description: `Finds a ${title.toLowerCase()}, or creates it if no ${title.toLowerCase()} matches.`,
          },
          search: search.key,
          create: create.key,
        },
      ];
    }),
  );
}

function actionEntry<Result>(
  context: AppContext,
  action: ActionDefinition,
  output: ActionDefinition['output'],
  sample: Json,
  resultOf: (output: unknown) => Result,
): ActionEntry<Result> {
  const { definition } = context;
  const { key, title, description, group } = action;
  const { bulk, takesCustomAttributes } = formOf(action);
  return {
    key,
    noun: titleCase(resourceOfAction(action, definition)?.title ?? singular(group)),
    display: { label: titleCase(title), description },
    operation: {
      cleanInputData: false,
      inputFields: [
        ...actionFields(definition, action),
        ...(bulk === undefined
          ? []
          : [
              context.perform({ of: 'actions' }, async ({ inputData }) =>
                bulkRowFields(definition, action, inputData[bulk.selector.key]),
              ),
            ]),
        ...(takesCustomAttributes
          ? [
              context.performWith({ of: 'actions' }, (session, _, z) =>
                customFields(context, action, session, z),
              ),
            ]
          : []),
      ],
      outputFields: outputFields(output),
      sample,
      perform: context.performWith(
        { of: 'actions', fields: action.fields },
        async (session, { inputData }) => {
          const { input, dryRun, custom } = readForm(definition, action, inputData);
          const extended = await readCustom(context, action, session, custom);
          const options = { signal: session.signal, dryRun };
          return resultOf(await extended.session.runAction(key, { ...input, ...extended.input }, options));
        },
      ),
    },
  };
}

function resourcesIn(output: unknown): readonly Json[] {
  const { resources } = isRecord(output) ? output : {};
  return Array.isArray(resources) ? resources : [];
}

function byKey<Entry extends { readonly key: string }>(
  entries: readonly Entry[],
): Readonly<Record<string, Entry>> {
  return Object.fromEntries(entries.map((entry) => [entry.key, entry]));
}
