/**
 * What the names of roles mean. No provider says so in SCIM: these are the names that Workato documents for both of its
 * permission models, and the word that other products use.
 */

/** Roles that grant no access. */
const noAccess: ReadonlySet<string> = new Set(['NoAccess', 'No access'].map(folded));

/** `Admin`, `Environment admin`, `Project admin`, `Owner`. */
const ownerWords = /\b(admin|administrator|owner)s?\b/i;

/** Whether a role grants access to anything. */
export function grantsAccess(role: string): boolean {
  return !noAccess.has(folded(role.trim()));
}

/** Whether someone with the role decides about others. @param names - the roles that do; default: by their words */
export function isOwnerRole(role: string, names: readonly string[] | undefined): boolean {
  return names === undefined ? ownerWords.test(role) : names.some((name) => folded(name) === folded(role));
}

function folded(name: string): string {
  return name.toLowerCase();
}
