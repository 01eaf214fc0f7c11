import { describeNoAnswer } from './describe-failure.ts';
import type { GroupEntry, PersonEntry } from './directory.ts';
import { sendRequest } from './send-request.ts';

/** The result of a login. */
export interface LoginResult {
  readonly ok: boolean;
  /** The reason for a rejection, by the service or the identity provider. */
  readonly error?: string;
  /** The status of the service's response; absent if there was no request or no response. */
  readonly status?: number;
  /** The body of the service's response, which may be JSON. */
  readonly answer?: string;
  /** The signed response that was posted. */
  readonly samlResponse?: string;
}

/**
 * The attributes that Workato reads (docs.workato.com: just-in-time-provisioning and saml-role-sync). Groups that are
 * "empty or omitted" change nothing.
 */
export function loginAttributes(
  person: PersonEntry,
  groups: ReadonlyMap<string, GroupEntry>,
  hasRoles: boolean,
): Readonly<Record<string, readonly string[]>> {
  const { userName, email, givenName, familyName, displayName } = person.attributes;
  const names = [...groups.values()]
    .filter((group) => !group.isDeleted && group.members.has(person.id))
    .map((group) => group.displayName);
  return {
    workato_email: [email ?? userName],
    workato_full_name: [displayName ?? `${givenName} ${familyName}`],
    ...(hasRoles && Object.fromEntries(Object.entries(person.roles).map(([name, role]) => [name, [role]]))),
    ...(names.length > 0 && { workato_user_groups: names }),
  };
}

/** Posts a signed response to the service, as the browser would. */
export async function postLogin(
  title: string,
  acsUrl: string,
  samlResponse: string,
  timeoutInMs: number,
): Promise<LoginResult> {
  try {
    const { status, text } = await sendRequest({
      method: 'POST',
      url: acsUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ SAMLResponse: samlResponse }).toString(),
      timeoutInMs,
    });
    // An ACS returns a page, or a redirect to the application.
    const ok = status >= 200 && status < 400;
    const error = `The service refused the login (${status}). ${text.slice(0, 500)}`.trim();
    return { ok, ...(!ok && { error }), status, answer: text, samlResponse };
  } catch (error) {
    return { ok: false, error: describeNoAnswer(title, error), samlResponse };
  }
}
