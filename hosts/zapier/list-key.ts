/** The key of the hidden trigger that fills lists of a resource type: `user_list`. */
export function listKey(resource: string): string {
  return `${resource.toLowerCase()}_list`;
}
