// What the piece uses of @activepieces/pieces-framework, which loads it: the package of the connector depends on none.

/** A field of a form, as the framework has created it. */
export type Prop = Readonly<Record<string, unknown>>;

/** What every kind of field has. */
export interface PropRequest {
  readonly displayName: string;
  readonly description?: string | undefined;
  readonly required: boolean;
  readonly defaultValue?: unknown;
}

/** A choice of a field. */
export interface Option {
  readonly label: string;
  readonly value: unknown;
}

/** The choices of a field. */
export interface Options {
  readonly options: readonly Option[];
  readonly disabled?: boolean;
  readonly placeholder?: string;
}

type Create<Extra = unknown> = (request: PropRequest & Extra) => Prop;

/** Creates fields. */
export interface PropFactory {
  readonly ShortText: Create;
  readonly LongText: Create;
  readonly Number: Create;
  readonly Checkbox: Create;
  readonly DateTime: Create;
  readonly Json: Create;
  readonly Array: Create<{ readonly properties?: Readonly<Record<string, Prop>> }>;
  readonly StaticDropdown: Create<{ readonly options: Options }>;
  readonly StaticMultiSelectDropdown: Create<{ readonly options: Options }>;
  readonly Dropdown: Create<{
    readonly auth: Prop;
    readonly refreshers: readonly string[];
    readonly refreshOnSearch: boolean;
    options(values: { readonly auth?: Auth }, context: { readonly searchValue?: string }): Promise<Options>;
  }>;
}

/** A connection, as a step receives it. */
export interface Auth {
  readonly props?: Readonly<Record<string, unknown>>;
}

/** What persists of a flow. */
export interface Store {
  put(key: string, value: unknown): Promise<unknown>;
  get(key: string): Promise<unknown>;
  delete(key: string): Promise<void>;
}

/** A call of an action or a trigger. */
export interface StepContext {
  readonly auth: Auth | undefined;
  readonly propsValue: Readonly<Record<string, unknown>>;
  readonly store: Store;
}

/** What agents know of an action. */
export interface AiMetadata {
  readonly description: string;
  /** Whether the same call can be repeated. */
  readonly idempotent: boolean;
}

/** An action, as the framework accepts it. */
export interface ActionParts {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly auth: Prop;
  readonly aiMetadata: AiMetadata;
  readonly props: Readonly<Record<string, Prop>>;
  run(context: StepContext): Promise<unknown>;
}

/** A trigger that polls, as the framework accepts it. */
export interface TriggerParts extends Omit<ActionParts, 'run' | 'aiMetadata'> {
  readonly type: unknown;
  readonly sampleData: unknown;
  onEnable(context: StepContext): Promise<void>;
  onDisable(context: StepContext): Promise<void>;
  run(context: StepContext): Promise<readonly unknown[]>;
  test(context: StepContext): Promise<readonly unknown[]>;
}

/** The framework. */
export interface PiecesFramework {
  readonly Property: PropFactory;
  readonly PieceAuth: {
    readonly SecretText: Create;
    readonly CustomAuth: Create<{
      readonly props: Readonly<Record<string, Prop>>;
      validate(given: {
        readonly auth: unknown;
      }): Promise<{ readonly valid: true } | { readonly valid: false; readonly error: string }>;
    }>;
  };
  readonly TriggerStrategy: { readonly POLLING: unknown };
  createAction(parts: ActionParts): unknown;
  createTrigger(parts: TriggerParts): unknown;
  /** Creates a piece for the releases of Activepieces that this version of the framework supports. */
  createPiece(parts: {
    readonly displayName: string;
    readonly description: string;
    readonly logoUrl: string;
    readonly authors: readonly string[];
    readonly auth: Prop;
    readonly actions: readonly unknown[];
    readonly triggers: readonly unknown[];
  }): unknown;
}
