export { createHost } from './create-host.ts';
export { errorParts } from './error-parts.ts';
