/** The name of a generated type: `create_user` → `CreateUserInput`. */
export function typeName(key: string, suffix: string): string {
  return key.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase()) + suffix;
}
