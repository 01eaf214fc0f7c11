import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
} from '../../../connector/definition/definition.ts';
import { ConnectorError, invalidInput } from '../../../connector/errors.ts';
import { applyOverlay } from '../../../connector/manifest/apply-overlay.ts';
import { overlayOfProvider, type ProviderSchemas } from '../../../connector/manifest/overlay-of-provider.ts';
import { openSession, type Session } from '../../../runtime/open-session.ts';
import { discoverKey } from '../../../runtime/prepare.ts';
import { entriesOf, readFields } from '../../kit/flat-form.ts';
import { inputFields } from '../form/input-fields.ts';
import type { FormData } from '../form/read-form.ts';
import type { ZapierField } from '../form/zapier-field.ts';
import type { AppContext } from './app-context.ts';
import type { ZapierFunctions } from './zapier-functions.ts';
import type { ZapierSession } from './zapier-session.ts';

/** The connector with the attributes that only the provider has. */
interface Extended {
  readonly session: Session;
  /** The fields that an action has in addition. */
  readonly fields: readonly Field[];
}

/** The fields of the provider's own attributes. A form without them is better than none, so that errors are only logged. */
export async function customFields(
  context: AppContext,
  action: ActionDefinition,
  session: ZapierSession,
  z: ZapierFunctions,
): Promise<readonly ZapierField[]> {
  try {
    const { fields } = await extend(context, action, session);
    return inputFields(context.definition, fields);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code === 'auth') throw error;
    z.console.log(`custom_attributes_not_read ${JSON.stringify(error.toJSON())}`);
    return [];
  }
}

/** The session for an action, and the values of the provider's own attributes in its input. @throws ConnectorError */
export async function readCustom(
  context: AppContext,
  action: ActionDefinition,
  session: ZapierSession,
  custom: FormData,
): Promise<{ readonly session: Session; readonly input: FormData }> {
  if (Object.keys(custom).length === 0) return { session: session.session, input: {} };
  const extended = await extend(context, action, session);
  const known = entriesOf(extended.fields).map(({ key }) => key);
  const unknown = Object.keys(custom).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw invalidInput(
      unknown.map((path) => ({
        path,
        message: 'is not among the attributes of the provider: refresh the fields of the step',
      })),
    );
  return { session: extended.session, input: readFields(extended.fields, custom) };
}

async function extend(
  { declaration, definition }: AppContext,
  { key, fields }: ActionDefinition,
  { session, client, platform, profile, signal }: ZapierSession,
): Promise<Extended> {
  const found = await session.runAction(discoverKey(definition), {}, { signal });
  const overlay = overlayOfProvider(declaration.manifest, found as ProviderSchemas);
  const all: ConnectorDefinition = compileManifest(applyOverlay({ ...declaration, profile }, overlay));
  const own = new Set(fields.map((field) => field.key));
  const extended = all.actions.find((action) => action.key === key)?.fields ?? [];
  return {
    session: openSession(all, platform, client),
    fields: extended.filter((field) => !own.has(field.key)),
  };
}
