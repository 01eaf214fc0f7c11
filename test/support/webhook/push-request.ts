import type { PushRequest } from '../../../triggers/sources/source.ts';

/** What a test says of a request; the rest is as a good sender has it. */
export interface PushRequestParts {
  readonly method?: string;
  /** A list: the header came several times. null: it did not come. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly body?: string | Uint8Array;
}

/** Creates a request as a server hands it over. */
export function pushRequest({ method = 'POST', headers = {}, body = '' }: PushRequestParts): PushRequest {
  return {
    method,
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        value === null ? [] : [[name, typeof value === 'string' ? [value] : value]],
      ),
    ),
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  };
}
