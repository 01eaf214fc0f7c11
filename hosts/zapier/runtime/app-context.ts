import type { ConnectorDefinition, Field } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { createErrorLabels } from '../../kit/error-labels.ts';
import { withLimitedTime } from '../../kit/limited-time.ts';
import { serviceLabels } from '../form/auth-fields.ts';
import { clearKey, clearLabel } from '../form/form-of.ts';
import { labelOf } from '../form/words.ts';
import { toZapierError } from './to-zapier-error.ts';
import type { Perform, ZapierBundle, ZapierFunctions } from './zapier-functions.ts';
import { openZapierSession, runEnded, tooSlow, type ZapierSession } from './zapier-session.ts';

/** The form of a function: whose forms these are, and its fields, if it has any. */
export interface FormOfPerform {
  readonly of: 'actions' | 'triggers';
  readonly fields?: readonly Field[];
}

/** What the parts of the app share. */
export interface AppContext {
  readonly declaration: ManifestBundle;
  readonly definition: ConnectorDefinition;
  /** A function that Zapier calls: its errors have Zapier's types, and the labels of its form. */
  perform<Result>(
    form: FormOfPerform,
    run: (bundle: ZapierBundle, z: ZapierFunctions) => Promise<Result>,
  ): Perform<Result>;
  /** The same with the connection of the run. */
  performWith<Result>(
    form: FormOfPerform,
    run: (session: ZapierSession, bundle: ZapierBundle, z: ZapierFunctions) => Promise<Result>,
  ): Perform<Result>;
}

/** The labels of the fields that only Zapier's forms have. */
const ownLabels = { [clearKey]: clearLabel, ...serviceLabels };

/** Creates what the parts of the app share. */
export function createAppContext(declaration: ManifestBundle, definition: ConnectorDefinition): AppContext {
  const labels = {
    actions: createErrorLabels(definition, labelOf, 'actions', ownLabels),
    triggers: createErrorLabels(definition, labelOf, 'triggers', ownLabels),
  };
  const perform: AppContext['perform'] = (form, run) => async (z, bundle) => {
    try {
      return await run(bundle, z);
    } catch (error) {
      throw toZapierError(labels[form.of].label(error, form.fields), z.errors);
    }
  };
  return {
    declaration,
    definition,
    perform,
    performWith: (form, run) =>
      perform(form, async (bundle, z) => {
        const session = await openZapierSession(definition, z, bundle);
        try {
          return await run(session, bundle, z);
        } catch (error) {
          if (session.signal.aborted && !(error instanceof ConnectorError)) throw runEnded(error);
          throw withLimitedTime(error, tooSlow);
        }
      }),
  };
}
