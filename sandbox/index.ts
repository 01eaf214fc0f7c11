export { type FaultKind, type FaultRates, parseFaults } from './faults/parse-faults.ts';
export { createIdp } from './idp/create-idp.ts';
export { type FlavorName, flavorNames } from './idp/flavor.ts';
export type { Idp, IdpOptions, IdpResult } from './idp/idp.ts';
export { type QuirkName, quirkDescriptions, quirkNames, readQuirks } from './quirks/catalog.ts';
export type { Aspect, QuirkDescription } from './quirks/quirk.ts';
export type { SchemaDefinition } from './scim/schema/schema-definition.ts';
export type { ScimLimits } from './scim/scim-limits.ts';
export type { UnknownMembers } from './scim/service/create-writer.ts';
export { type IdpServer, startIdpServer } from './start-idp-server.ts';
export { type Sandbox, type SandboxOptions, startSandbox } from './start-sandbox.ts';
export type { SandboxAuth, SandboxCredentials } from './workspace/access/open-scim-access.ts';
export type {
  CustomRole,
  IdentityProvider,
  PermissionModel,
  ProvisioningMode,
  Settings,
  WorkspaceLimits,
} from './workspace/settings.ts';
