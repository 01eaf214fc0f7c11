import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { createErrorLabels } from '../../kit/error-labels.ts';
import { labelOf } from '../form/words.ts';
import { toZapierError } from './to-zapier-error.ts';
import type { Perform, ZapierBundle, ZapierFunctions } from './zapier-functions.ts';
import { openZapierSession, runEnded, type ZapierSession } from './zapier-session.ts';

/** What the parts of the app share. */
export interface AppContext {
  readonly declaration: ManifestBundle;
  readonly definition: ConnectorDefinition;
  /** A function that Zapier calls: its errors have Zapier's types, and the labels of the forms. */
  perform<Result>(
    forms: 'actions' | 'triggers',
    run: (bundle: ZapierBundle, z: ZapierFunctions) => Promise<Result>,
  ): Perform<Result>;
  /** The same with the connection of the run. */
  performWith<Result>(
    forms: 'actions' | 'triggers',
    run: (session: ZapierSession, bundle: ZapierBundle, z: ZapierFunctions) => Promise<Result>,
  ): Perform<Result>;
}

/** Creates what the parts of the app share. */
export function createAppContext(declaration: ManifestBundle, definition: ConnectorDefinition): AppContext {
  const labels = {
    actions: createErrorLabels(definition, labelOf, 'actions'),
    triggers: createErrorLabels(definition, labelOf, 'triggers'),
  };
  const perform: AppContext['perform'] = (forms, run) => async (z, bundle) => {
    try {
      return await run(bundle, z);
    } catch (error) {
      throw toZapierError(labels[forms].label(error), z.errors);
    }
  };
  return {
    declaration,
    definition,
    perform,
    performWith: (forms, run) =>
      perform(forms, async (bundle, z) => {
        const session = openZapierSession(definition, z, bundle);
        try {
          return await run(session, bundle, z);
        } catch (error) {
          if (session.signal.aborted && !(error instanceof ConnectorError)) throw runEnded(error);
          throw error;
        }
      }),
  };
}
