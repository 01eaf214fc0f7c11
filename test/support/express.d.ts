/** What the tests use of express, which comes without types of its own. */
declare module 'express' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export interface Request extends IncomingMessage {
    header(name: string): string | undefined;
    readonly body?: unknown;
  }
  export type Handler = (
    request: Request,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => unknown;
  export type Router = object;
  export interface Application extends RequestListener {
    use(path: string, router: object): void;
    use(handler: Handler): void;
    all(path: string, ...handlers: readonly Handler[]): void;
  }
  export const Router: new () => Router;
  const express: {
    (): Application;
    json(options?: {
      readonly verify?: (request: object, response: object, bytes: Uint8Array) => void;
    }): Handler;
    raw(options: { readonly type: string; readonly limit?: string }): Handler;
  };
  // biome-ignore lint/style/noDefaultExport: this is how express exports it.
  export default express;
}
