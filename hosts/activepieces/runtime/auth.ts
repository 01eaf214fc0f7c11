import type { Field } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { requestPage } from '../../../connector/provider/read-list.ts';
import { authTypeKey } from '../../kit/connection-form.ts';
import type { ErrorLabels } from '../../kit/error-labels.ts';
import { propOf } from '../form/props.ts';
import { labelOf, pieceName } from '../form/words.ts';
import { connectionFields, openPieceSession, type PieceContext } from './piece-session.ts';
import type { PiecesFramework, Prop } from './pieces-framework.ts';

/**
 * The connection of the piece. A piece has one form for all methods, so that which of their fields are required depends on
 * the selected one.
 */
export function createAuth(
  { Property, PieceAuth }: PiecesFramework,
  context: PieceContext,
  labels: ErrorLabels,
): Prop {
  const { definition } = context;
  const { methods } = definition.connection.auth;
  const render = (field: Field, displayName: string, required: boolean): readonly [string, Prop] => {
    const request = {
      ...{ displayName, required, description: field.help },
      ...(field.default !== undefined && { defaultValue: field.default }),
    };
    return [field.key, field.secret ? PieceAuth.SecretText(request) : propOf(Property, field, request)];
  };
  const choice = Property.StaticDropdown({
    displayName: 'Authentication',
    description: 'How the provider authenticates requests. Fill in the fields that begin with this method.',
    required: true,
    defaultValue: methods[0].type,
    options: { options: methods.map(({ type, title }) => ({ label: title, value: type })) },
  });
  const own = connectionFields(definition).map((field) => render(field, labelOf(field), field.required));
  const ofMethods = methods.flatMap(({ title, fields }) =>
    fields.map((field) => render(field, `${title}: ${labelOf(field)}`, false)),
  );
  return PieceAuth.CustomAuth({
    displayName: pieceName,
    required: true,
    props: Object.fromEntries([...own, [authTypeKey, choice], ...ofMethods]),
    async validate({ auth }) {
      try {
        await listOne(context, auth);
        return { valid: true };
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        return { valid: false, error: String((labels.label(error) as Error).message) };
      }
    },
  });
}

/** A request for one user shows whether the URL and the credentials are right. */
async function listOne(context: PieceContext, auth: unknown): Promise<void> {
  const { client } = openPieceSession(context, auth);
  const [resource] = Object.values(context.definition.resources);
  await requestPage({ client, endpoint: resource?.endpoint ?? '/Users' }, { count: 1 }, {});
}
