export { createSigningKey, type SigningKey } from '../saml/create-signing-key.ts';
export {
  createIdp,
  type Idp,
  type IdpOptions,
  type IdpResult,
  type LoginResult,
  type LoginTarget,
  type PersonChange,
  type ProvisioningChange,
  type ProvisioningSettings,
} from './create-idp.ts';
export { type ControlAnswer, createIdpControl, type IdpControl } from './create-idp-control.ts';
export { type Group, IdpError, type Person, type PersonAttributes, type Roles } from './directory.ts';
export { type FlavourName, flavourNames } from './flavour.ts';
export type { Exchange, Target } from './run-procedure.ts';
