export type { ScimLimits } from './scim/scim-limits.ts';
export { type Sandbox, type SandboxOptions, startSandbox } from './start-sandbox.ts';
