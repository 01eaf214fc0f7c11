import { loginRefusalStatus } from '../../assumptions.ts';
import type { Endpoint } from '../../scim/http/start-scim-server.ts';
import { emailOf, nameOf } from '../describe-member.ts';
import { type Assertion, isReplayed, planLogin } from '../log-in.ts';
import type { WorkspaceData } from '../open-workspace-data.ts';
import { invalid, WorkspaceError } from '../workspace-error.ts';
import { type JsonRequest, jsonEndpoint } from './json-endpoint.ts';

/** The expected values of a SAML response. */
export interface SamlCheck {
  readonly idpCertificate: string;
  readonly idpEntityId: string;
  readonly audience: string;
  readonly acsUrl: string;
  readonly now: Date;
  isReplayed(assertionId: string): boolean;
}

/** Verifies a SAML response and returns its content. Throws an error with a `reason` if it is not a valid login. */
export type VerifySaml = (samlResponse: string, check: SamlCheck) => Promise<Assertion>;

/** The options of {@link createSamlEndpoint}. */
export interface SamlEndpointOptions {
  readonly data: WorkspaceData;
  readonly verify: VerifySaml;
  readonly audience: string;
  readonly acsUrl: string;
  /** Whether the SCIM service has a token. */
  readonly hasToken: () => boolean;
}

const formType = 'application/x-www-form-urlencoded';

/** The assertion consumer service: a SAML response, as a form or as JSON, creates a session. */
export function createSamlEndpoint(options: SamlEndpointOptions): Endpoint {
  const { data, verify, audience, acsUrl, hasToken } = options;

  async function check(samlResponse: string): Promise<Assertion> {
    const { samlSso, idp } = data.settings();
    if (!samlSso) {
      throw new WorkspaceError(403, 'saml_sso_disabled', 'SAML SSO is not enabled in this workspace.');
    }
    if (idp === null) {
      throw new WorkspaceError(
        403,
        'saml_not_set_up',
        'No identity provider is configured. Set "idp" to its entity ID and certificate in the settings.',
      );
    }
    try {
      return await verify(samlResponse, {
        idpCertificate: idp.certificate,
        idpEntityId: idp.entityId,
        audience,
        acsUrl,
        now: data.now(),
        isReplayed: (assertionId) => isReplayed(data, assertionId),
      });
    } catch (error) {
      throw refusalOf(error);
    }
  }

  return jsonEndpoint({
    routes: [
      {
        method: 'POST',
        path: '/acs',
        handle: async (request) => {
          const assertion = await check(readResponse(request));
          // Nothing else runs between here and the commit, so of two copies of an assertion, one is always second.
          if (isReplayed(data, assertion.assertionId)) {
            throw new WorkspaceError(
              loginRefusalStatus.invalid,
              'replayed',
              'This SAML assertion was used before. Log in again for a new one.',
            );
          }
          const plan = planLogin(data, assertion, hasToken());
          data.store.commit(plan.changes);
          if ('refusal' in plan) throw plan.refusal;
          const { id, attributes } = plan.user;
          return {
            headers: { 'set-cookie': `rolecall_session=${plan.sessionId}; HttpOnly; SameSite=Lax; Path=/` },
            body: {
              session: {
                id: plan.sessionId,
                member: { id, name: nameOf(attributes), email: emailOf(attributes) },
              },
            },
          };
        },
      },
    ],
  });
}

function readResponse({ headers, text, json }: JsonRequest): string {
  const isForm = headers['content-type']?.toLowerCase().startsWith(formType) === true;
  const value = isForm ? new URLSearchParams(text).get('SAMLResponse') : json().SAMLResponse;
  if (typeof value === 'string' && value !== '') return value;
  throw invalid('Send the response as the form field "SAMLResponse", or as {"SAMLResponse": …} in JSON.');
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof Error && 'reason' in error && typeof error.reason === 'string')) return error;
  // If the sandbox cannot verify responses, the response is not at fault.
  const status = error.reason === 'libraries_missing' ? 501 : loginRefusalStatus.invalid;
  return new WorkspaceError(status, error.reason, error.message);
}
