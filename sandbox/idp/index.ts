export { createSigningKey, type SigningKey } from '../saml/create-signing-key.ts';
export { createIdp } from './create-idp.ts';
export { type ControlAnswer, createIdpControl, type IdpControl } from './create-idp-control.ts';
export { type Group, IdpError, type Person, type PersonAttributes, type Roles } from './directory.ts';
export { type FlavorName, flavorNames } from './flavor.ts';
export type {
  Idp,
  IdpOptions,
  IdpResult,
  LoginTarget,
  PersonChange,
  ProvisioningChange,
  ProvisioningSettings,
} from './idp.ts';
export type { LoginResult } from './post-login.ts';
export type { Exchange, Target } from './run-procedure.ts';
