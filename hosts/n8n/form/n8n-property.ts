/** The part of n8n's `INodeProperties` that the forms use. */
export interface N8nProperty {
  readonly displayName: string;
  readonly name: string;
  readonly type: N8nPropertyType;
  readonly noDataExpression?: true;
  readonly required?: true;
  readonly default: unknown;
  readonly typeOptions?: Readonly<Record<string, unknown>>;
  readonly placeholder?: string;
  readonly description?: string;
  readonly hint?: string;
  readonly displayOptions?: { readonly show?: DisplayConditions; readonly hide?: DisplayConditions };
  readonly options?: readonly (N8nProperty | N8nOption | N8nGroup)[];
  readonly modes?: readonly N8nMode[];
  /** Whether the editor accepts values of expressions that are no option. */
  readonly allowArbitraryValues?: true;
}

export type N8nPropertyType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'hidden'
  | 'notice'
  | 'dateTime'
  | 'json'
  | 'options'
  | 'multiOptions'
  | 'collection'
  | 'fixedCollection'
  | 'resourceLocator'
  | 'resourceMapper';

/** Each named parameter must have one of the values. */
export type DisplayConditions = Readonly<Record<string, readonly unknown[]>>;

/** One entry of a pick-list. */
export interface N8nOption {
  readonly name: string;
  readonly value: string | number | boolean;
  readonly description?: string;
  /** What n8n lists among the actions of a node. */
  readonly action?: string;
}

/** One group of fields in a fixed collection. */
export interface N8nGroup {
  readonly displayName: string;
  readonly name: string;
  readonly values: readonly N8nProperty[];
}

/** One way to identify a resource. */
export interface N8nMode {
  readonly displayName: string;
  readonly name: string;
  readonly type: 'string' | 'list';
  readonly placeholder?: string;
  readonly hint?: string;
  readonly typeOptions?: Readonly<Record<string, unknown>>;
}
