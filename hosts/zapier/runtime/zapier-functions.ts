/** The part of Zapier's `z` object that the app uses. */
export interface ZapierFunctions {
  request(options: ZapierRequest): Promise<ZapierResponse>;
  readonly console: { log(message: string): void };
  readonly errors: ZapierErrors;
}

/** The part of Zapier's request options that the app uses. */
export interface ZapierRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly redirect: 'manual';
  /** The body is a stream, so that its size can be limited. */
  readonly raw: true;
  readonly skipThrowForStatus: true;
  readonly throwForThrottlingEarly: false;
  /** Whether values such as `{{bundle.inputData.x}}` in the request are rejected: they can be what a user entered. */
  readonly merge: false;
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** The part of Zapier's response that the app uses. */
export interface ZapierResponse {
  readonly status: number;
  readonly headers: { forEach(visit: (value: string, name: string) => void): void };
  readonly body: unknown;
}

/** Zapier's error types: `z.errors`. */
export interface ZapierErrors {
  readonly Error: new (message: string, code?: string, status?: number) => Error;
  /** Zapier asks the user to reconnect the account. */
  readonly ExpiredAuthError: new (
    message: string,
  ) => Error;
  /** Zapier stops this run, and does not count it as an error of the Zap. */
  readonly HaltedError: new (
    message: string,
  ) => Error;
  /** Zapier runs the step again after a number of seconds. */
  readonly ThrottledError: new (
    message: string,
    delay?: number,
  ) => Error;
}

/** The part of Zapier's `bundle` that the app uses. */
export interface ZapierBundle {
  /** The connection. */
  readonly authData: Readonly<Record<string, unknown>>;
  /** The form of the step. */
  readonly inputData: Readonly<Record<string, unknown>>;
  readonly meta?: { readonly page?: number };
  /** The URL that receives the events of a Zap. */
  readonly targetUrl?: string;
  /** What the subscription returned. */
  readonly subscribeData?: unknown;
  /** The parsed body of a webhook. */
  readonly cleanedRequest?: unknown;
  /** The webhook as it arrived. */
  readonly rawRequest?: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly content?: string;
  };
}

/** A function that Zapier calls. */
export type Perform<Result> = (z: ZapierFunctions, bundle: ZapierBundle) => Promise<Result>;
