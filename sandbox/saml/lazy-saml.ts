import { SamlError } from './saml-error.ts';
import type { signSamlResponse } from './sign-saml-response.ts';
import type { SamlLogin, VerifySamlOptions } from './verify-saml-response.ts';

/**
 * Verifies a SAML response. Loads the libraries, which a production install omits, at the first login.
 *
 * @throws SamlError, with the reason `libraries_missing` when they are not installed.
 */
export async function verifySaml(samlResponse: string, options: VerifySamlOptions): Promise<SamlLogin> {
  const { verifySamlResponse } = await load(() => import('./verify-saml-response.ts'));
  return verifySamlResponse(samlResponse, options);
}

/**
 * Signs a login. Loads the libraries, which a production install omits, at the first login.
 *
 * @throws SamlError with the reason `libraries_missing` when they are not installed.
 */
export async function signSaml(...login: Parameters<typeof signSamlResponse>): Promise<string> {
  const module = await load(() => import('./sign-saml-response.ts'));
  return module.signSamlResponse(...login);
}

async function load<Module>(importModule: () => Promise<Module>): Promise<Module> {
  try {
    return await importModule();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new SamlError(
      'libraries_missing',
      'SAML logins need two libraries that Rolecall does not install by itself. ' +
        'Run "npm install @node-saml/node-saml xml-crypto", then restart the sandbox.',
      { cause },
    );
  }
}
