import { messages } from '../messages.ts';

/** The kind of an operation. */
export type PatchOp = 'add' | 'remove' | 'replace';

/** One operation of a PATCH (RFC 7644 §3.5.2). */
export interface PatchOperation<Value = unknown> {
  readonly op: PatchOp;
  readonly path: string;
  /** Absent for most removals. */
  readonly value?: Value;
}

/** Reads the `op` of an operation. Entra ID writes it as "Add", "Replace" and "Remove". */
export function readOp(op: unknown): PatchOp | undefined {
  const word = typeof op === 'string' ? op.toLowerCase() : undefined;
  return word === 'add' || word === 'remove' || word === 'replace' ? word : undefined;
}

/** The body of a PATCH (RFC 7644 §3.5.2). */
export function patchBody(operations: readonly PatchOperation[]): {
  readonly schemas: readonly string[];
  readonly Operations: readonly PatchOperation[];
} {
  return { schemas: [messages.patchOp], Operations: operations };
}
