/**
 * The part of n8n's node functions that the connector uses in any node: `IExecuteFunctions`,
 * `ILoadOptionsFunctions`, `IPollFunctions`, `IWebhookFunctions`.
 */
export interface N8nFunctions {
  /** The node in the workflow, with its parameters and its selected credentials. */
  getNode(): {
    readonly id: string;
    readonly type: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly credentials?: Readonly<Record<string, { readonly id: string | null }>>;
  };
  getCredentials(type: string, itemIndex?: number): Promise<Readonly<Record<string, unknown>>>;
  /** Aborted when a user stops the execution. */
  getExecutionCancelSignal?(): AbortSignal | undefined;
  readonly helpers: {
    httpRequest(options: N8nHttpOptions): Promise<N8nHttpResponse>;
    httpRequestWithAuthentication(
      this: unknown,
      credentialType: string,
      options: N8nHttpOptions,
      additional: { readonly credentialsDecrypted: { readonly data: Readonly<Record<string, unknown>> } },
    ): Promise<N8nHttpResponse>;
  };
  readonly logger: {
    debug(message: string, detail: object): void;
    info(message: string, detail: object): void;
    warn(message: string, detail: object): void;
  };
}

/** The part of the functions of a trigger node, for polls and webhooks. */
export interface N8nTriggerFunctions extends N8nFunctions {
  getNodeParameter(name: string, fallback?: unknown): unknown;
}

/** The part of n8n's functions that keeps the state of a node between executions. */
export interface N8nStateFunctions {
  getNode(): { readonly id: string };
  /** The static data of the node or of the whole workflow, which n8n saves with an execution. */
  getWorkflowStaticData(type: 'node' | 'global'): Record<string, unknown>;
}

/** The part of n8n's functions that test a credential. */
export interface N8nTestFunctions extends Pick<N8nFunctions, 'logger'> {
  readonly helpers: {
    /** Takes the options of the package `request`: n8n has no other helper here. */
    request(options: object): Promise<N8nHttpResponse>;
  };
}

/** The part of n8n's execution functions that reads the parameters of an item. */
export interface N8nItemFunctions extends N8nFunctions {
  getInputData(): readonly { readonly json: Readonly<Record<string, unknown>> }[];
  /** What the node keeps for the rest of the execution. */
  getContext(type: 'node'): Record<string, unknown>;
  getNodeParameter(name: string, itemIndex: number, fallback?: unknown): unknown;
}

/** The part of n8n's `IPollFunctions` that a polling trigger uses. */
export interface N8nPollFunctions
  extends N8nTriggerFunctions,
    Pick<N8nStateFunctions, 'getWorkflowStaticData'> {
  /** `manual` when a user fetches a test event. */
  getMode(): string;
  getWorkflow(): { readonly id?: string | undefined };
}

/** The part of n8n's `IHookFunctions` that activates and deactivates a webhook. */
export interface N8nHookFunctions
  extends N8nTriggerFunctions,
    Pick<N8nStateFunctions, 'getWorkflowStaticData'> {
  getNodeWebhookUrl(name: 'default'): string | undefined;
}

/** The part of n8n's `IExecuteFunctions` that the webhook node uses in an execution, whose state n8n saves also if it fails. */
export interface N8nReleaseFunctions extends N8nStateFunctions {
  getNodeParameter(name: string, itemIndex: number, fallback?: unknown): unknown;
  /** `manual` when a user tests the workflow, `webhook`, or `retry`. */
  getMode(): string;
}

/** The part of n8n's `IWebhookFunctions` that a webhook uses. */
export interface N8nWebhookFunctions extends N8nTriggerFunctions {
  getRequestObject(): {
    readonly method?: string | undefined;
    readonly headersDistinct: Readonly<Record<string, readonly string[] | undefined>>;
    /** Read by n8n in advance, or otherwise by `readRawBody`. */
    readonly rawBody?: Uint8Array;
    readRawBody(): Promise<void>;
  };
  getResponseObject(): {
    writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
    end(body: string): unknown;
  };
}

/** The used part of n8n's `IHttpRequestOptions`. */
export interface N8nHttpOptions {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly encoding: 'stream';
  readonly returnFullResponse: true;
  readonly ignoreHttpStatusErrors: true;
  readonly disableFollowRedirect: true;
  readonly timeout: number;
  readonly abortSignal: AbortSignal;
}

/** n8n's `IN8nHttpFullResponse`; the body is a Node stream. */
export interface N8nHttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** n8n's `sleep`: the marketplace does not allow timers in a node. */
export type N8nSleep = (ms: number) => Promise<void>;
