import { isJsonObject, type Json, memberOf } from '../../scim/json.ts';
import { AnswerTimeout, type IncomingAnswer } from './send-request.ts';

/** The entry that an administrator reads in the provider's log when the service rejects a request. */
export function describeRefusal(title: string, answer: IncomingAnswer, body: Json | undefined): string {
  const { status } = answer;
  const said = detailOf(body);
  switch (status) {
    case 401:
      return (
        `The SCIM token was refused (401${said}). It was refreshed or revoked: ` +
        `put the new token into the provisioning settings of ${title}.`
      );
    case 403:
      return `The service does not allow provisioning (403${said}). Turn SCIM on in the workspace.`;
    case 404:
      return `The service does not know this resource (404${said}). Check the base URL, and assign the person again.`;
    case 409:
      return `The service has another resource with this name (409${said}). Remove one of the two, and try again.`;
    case 413:
      return `The request is too large for the service (413${said}). Push fewer members at once.`;
    case 429: {
      const wait = answer.headers['retry-after'];
      const when = wait === undefined ? 'later' : /^\d+$/.test(wait) ? `in ${wait} s` : `after ${wait}`;
      return `The service accepts no more requests for now (429${said}). Try again ${when}.`;
    }
    default:
      if (status >= 500) return `The service failed (${status}${said}). Try again later.`;
      if (status >= 300 && status < 400) {
        return `The service answered with a redirect (${status}). Put its final address into the base URL.`;
      }
      return `The service refused the request (${status}${said}). Correct the person, role or group, and try again.`;
  }
}

/** The same for a request without a response. */
export function describeNoAnswer(title: string, error: unknown): string {
  if (error instanceof AnswerTimeout) {
    return `The service did not answer within ${error.timeoutInMs / 1000} s, and ${title} gave up. Try again later.`;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const why = code ?? (error instanceof Error ? error.message : String(error));
  return `The service cannot be reached (${why}). Check the base URL, and that the service is running.`;
}

// RFC 7644 §3.12: "detail" describes the error.
function detailOf(body: Json | undefined): string {
  const detail = isJsonObject(body) ? memberOf(body, 'detail') : undefined;
  return typeof detail === 'string' && detail !== '' ? `: ${detail}` : '';
}
