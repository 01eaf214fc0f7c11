/** What a proxy does to one request, and whether the provider behind it sees the request anyway. */
export type Fault = {
  /** Whether the provider has acted before things go wrong. */
  readonly acts: boolean;
} & (
  | {
      /** A response of the proxy's own. */
      readonly kind: 'answer';
      readonly status: number;
      /** Headers; those that depend on the time are made from the provider's clock. */
      readonly headers?: (nowInMs: number) => Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | {
      /** The connection is closed without a byte. */
      readonly kind: 'reset';
    }
  | {
      /** The provider's answer ends too early: before its `content-length`, its last chunk, or its last bracket. */
      readonly kind: 'cut';
      readonly how: 'length' | 'chunked' | 'json';
    }
  | {
      /** Byte after byte, each too soon for a timeout between two of them, and never the last. */
      readonly kind: 'trickle';
    }
  | {
      /** Nothing, forever. */
      readonly kind: 'silent';
    }
  | {
      /** The provider's response, followed by a number of spaces. */
      readonly kind: 'padded';
      readonly bytes: number;
    }
);

/** One request as the proxy sees it. */
export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** Whether another request came over the same connection before. */
  readonly isReused: boolean;
}
