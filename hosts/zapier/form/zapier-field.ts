/** The part of Zapier's `PlainInputFieldSchema` that the forms use. */
export interface ZapierField {
  readonly key: string;
  readonly label: string;
  readonly type?: ZapierType;
  readonly helpText?: string;
  readonly placeholder?: string;
  readonly required?: true;
  /** Always text, whatever the type. */
  readonly default?: string;
  readonly list?: true;
  readonly choices?: readonly ZapierChoice[];
  /** The hidden trigger that fills a list, and its keys of the value and the label: `user_list.id.name`. */
  readonly dynamic?: string;
  /** The search that finds a value: `find_user.id`. */
  readonly search?: string;
  readonly altersDynamicFields?: true;
  /** One level only. A field with children has no type, help, and default. */
  readonly children?: readonly ZapierField[];
}

/** The types of Zapier's input fields that the forms use. */
export type ZapierType =
  | 'string'
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'datetime'
  | 'password'
  | 'json';

/** One entry of a pick-list. Zapier requires a sample that equals the value. */
export interface ZapierChoice {
  readonly value: string;
  readonly sample: string;
  readonly label: string;
}
