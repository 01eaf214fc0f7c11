/**
 * The parameters of the nodes that are no fields of the manifest. The forms are rendered with these names, and what is
 * filled in is read by them; they are kept in people's workflows, so that none may ever be renamed.
 */
export const parameterNames = {
  resource: 'resource',
  operation: 'operation',
  /** The trigger, in the nodes that start a flow. */
  event: 'event',
  /** Where events come from. */
  source: 'source',
  /** Fields that may be omitted, of everything but changes and searches. */
  additionalFields: 'additionalFields',
  /** Fields that may be omitted, of a change. */
  updateFields: 'updateFields',
  /** What a search compares. */
  filters: 'filters',
  /** How an operation is done. */
  options: 'options',
  /** The attributes that a provider has next to those of the manifest. */
  customAttributes: 'customAttributes',
  /** The fields whose values a change removes. */
  clear: 'clear',
  returnAll: 'returnAll',
  limit: 'limit',
} as const;

/** The source of events that is no push and no fetch, but a look at the provider. */
export const pollingSource = 'poll';

/** The one group in the fixed collections of fields. */
export const groupName = 'values';

/** The way of a resource locator that takes what was picked from a list: its value is an id. */
export const listMode = 'list';

/** The way of a locator over a pick-list that takes any text. */
export const textMode = 'name';

/** The methods that fill lists, by what they list. */
export const methodNames = {
  searchResource: (resource: string): string => `search${resource}`,
  searchPickList: (path: readonly string[]): string => `list_${path.join('_')}`,
  customAttributes: (resource: string): string => `get${resource}Attributes`,
} as const;
