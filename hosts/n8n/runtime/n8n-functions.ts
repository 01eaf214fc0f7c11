/**
 * The part of n8n's node functions that the connector uses, whichever node calls: `IExecuteFunctions`,
 * `ILoadOptionsFunctions`, `IPollFunctions`, `IWebhookFunctions`.
 */
export interface N8nFunctions {
  getCredentials(type: string, itemIndex?: number): Promise<Readonly<Record<string, unknown>>>;
  /** Of an execution: aborted when a person stops it. */
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

/** The part of the functions of a node that starts workflows, by a look or by a message. */
export interface N8nTriggerFunctions extends N8nFunctions {
  getNodeParameter(name: string, fallback?: unknown): unknown;
  /** The node as the workflow has it, with the credentials that were chosen for it. */
  getNode(): {
    readonly id: string;
    readonly credentials?: Readonly<Record<string, { readonly id: string | null }>>;
  };
}

/** The part of n8n's functions of an execution that reads what was filled in for an item. */
export interface N8nItemFunctions extends N8nFunctions {
  getNodeParameter(name: string, itemIndex: number, fallback?: unknown): unknown;
}

/** The part of n8n's `IPollFunctions` that a polling trigger uses. */
export interface N8nPollFunctions extends N8nTriggerFunctions {
  /** `manual` when a person asks for a test event. */
  getMode(): string;
  /** What n8n keeps for the node, and writes down together with the execution that a poll starts. */
  getWorkflowStaticData(type: 'node'): Record<string, unknown>;
  getWorkflow(): { readonly id?: string | undefined };
}

/** The part of n8n's `IHookFunctions` that a webhook is switched on and off with. */
export interface N8nHookFunctions extends N8nTriggerFunctions {
  getNodeWebhookUrl(name: 'default'): string | undefined;
  /** What n8n keeps for the node. */
  getWorkflowStaticData(type: 'node'): Record<string, unknown>;
}

/** The part of n8n's `IWebhookFunctions` that a webhook uses. */
export interface N8nWebhookFunctions extends N8nTriggerFunctions {
  getRequestObject(): {
    readonly method?: string | undefined;
    readonly headersDistinct: Readonly<Record<string, readonly string[] | undefined>>;
    /** Read by n8n before, or else by `readRawBody`. */
    readonly rawBody?: Uint8Array;
    readRawBody(): Promise<void>;
  };
  getResponseObject(): {
    writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
    end(body: string): unknown;
  };
}

/** The part of n8n's `IHttpRequestOptions` that is sent. */
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

/** n8n's `IN8nHttpFullResponse`; the body is a stream of Node. */
export interface N8nHttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** n8n's `sleep`: its marketplace allows no timers of a node's own. */
export type N8nSleep = (ms: number) => Promise<void>;
