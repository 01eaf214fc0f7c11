import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { detailText, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { isAboutInvitation } from '../connector/http/error-from-response.ts';
import type { ActionContext } from './operation.ts';

/**
 * The error of a rejected change of a resource, which can be rejected because the person has not accepted the invitation
 * yet. The words of the provider say so; or the profile says that users are invited, which leaves both reasons open.
 */
export function explainInvitation(
  { habits }: Pick<ActionContext, 'habits'>,
  { title, attributes }: Pick<ResourceDefinition, 'title' | 'attributes'>,
  error: ConnectorError,
): ConnectorError {
  const { status = 0, code, detail = '' } = error;
  const values = { resource: title.toLowerCase(), status, detail: detailText(error.detail) };
  if (['invalid_input', 'forbidden', 'conflict'].includes(code) && isAboutInvitation(detail)) {
    habits.notice('invitation-pending', { status });
    return new ConnectorError('conflict', {
      ...error,
      ...fillError(errorTexts.invitationPending, values),
      cause: error,
    });
  }
  // A missing scope has a next step of its own, and only who can sign in is invited.
  const isOpen = code === 'forbidden' && error.nextStep === errorTexts.forbidden.nextStep;
  if (!habits.invitesUsers || !isOpen || attributes.every(({ name }) => name !== 'active')) return error;
  return new ConnectorError(code, {
    ...error,
    ...fillError(errorTexts.invitationMaybePending, values),
    cause: error,
  });
}
