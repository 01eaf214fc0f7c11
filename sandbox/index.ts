export type { SchemaDefinition } from './scim/schema/schema-definition.ts';
export type { ScimLimits } from './scim/scim-limits.ts';
export { type Sandbox, type SandboxOptions, startSandbox } from './start-sandbox.ts';
export type {
  CustomRole,
  IdentityProvider,
  PermissionModel,
  ProvisioningMode,
  Settings,
  WorkspaceLimits,
} from './workspace/settings.ts';
