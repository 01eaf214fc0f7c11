import type { HttpRequest, HttpResponse } from '../../connector/platform.ts';

/** Sends requests over keep-alive connections, one attempt each. Its own file, so that the library's types need none of Node's. */
export interface HttpClient {
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  /** Closes the idle connections. */
  close(): void;
}
