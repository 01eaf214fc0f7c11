/**
 * The parameters of the nodes that are not fields of the manifest. The forms are rendered with these names, and the
 * values are read by them. Users' workflows store them, so they must never be renamed.
 */
export const parameterNames = {
  /** The authentication method, and with it the credential. */
  authentication: 'authentication',
  resource: 'resource',
  operation: 'operation',
  /** Whether a credential shows its advanced fields. */
  advancedSettings: 'advancedSettings',
  /** The trigger, in the trigger nodes. */
  event: 'event',
  /** The source of events. */
  source: 'source',
  /** Optional fields, except those of updates and searches. */
  additionalFields: 'additionalFields',
  /** Optional fields of an update. */
  updateFields: 'updateFields',
  /** The criteria of a search. */
  filters: 'filters',
  /** The options of an operation. */
  options: 'options',
  /** A provider's attributes that are not in the manifest. */
  customAttributes: 'customAttributes',
  /** The fields whose values a change removes. */
  clear: 'clear',
  returnAll: 'returnAll',
  limit: 'limit',
  /** The order of the results. */
  sort: 'sort',
  /** Whether the output is the simplified resource. */
  simplify: 'simplify',
  /** The columns of the rows of a bulk action. */
  columns: 'columns',
  /** The columns of the input items that are not read. */
  ignoredColumns: 'ignoredColumns',
  /** How many users or groups one execution may deactivate, delete, or replace. */
  removalLimit: 'removalLimit',
} as const;

/** The labels of these parameters, which the forms show and errors name. */
export const parameterLabels: Readonly<Record<keyof typeof parameterNames, string>> = {
  authentication: 'Authentication',
  resource: 'Resource',
  operation: 'Operation',
  advancedSettings: 'Advanced Settings',
  event: 'Trigger On',
  source: 'Source',
  additionalFields: 'Additional Fields',
  updateFields: 'Update Fields',
  filters: 'Filters',
  options: 'Options',
  customAttributes: 'Custom Attributes',
  clear: 'Clear Fields',
  returnAll: 'Return All',
  limit: 'Limit',
  sort: 'Sort',
  simplify: 'Simplify',
  columns: 'Columns',
  ignoredColumns: 'Ignore Columns',
  removalLimit: 'Safety Limit',
};

/** The event source that polls the provider, instead of receiving or fetching events. */
export const pollingSource = 'poll';

/** The event source that fetches tokens. The provider is read for what they omit. */
export const streamSource = 'events';

/** The event source that polls a log. It has IDs of its own, so that no provider is read. */
export const logSource = 'log';

/** The one group in the fixed collections of fields. */
export const groupName = 'values';

/** The mode of a resource locator with a list: its value is an ID. */
export const listMode = 'list';

/** The mode of a pick-list locator with free text. */
export const textMode = 'name';

/** The methods that fill lists, by content. */
export const methodNames = {
  searchResource: (resource: string): string => `search${resource}`,
  searchPickList: (path: readonly string[]): string => `list_${path.join('_')}`,
  customAttributes: (resource: string): string => `get${resource}Attributes`,
  bulkColumns: (resource: string): string => `${resource}Columns`,
} as const;
