import type { CallToolResult } from '@modelcontextprotocol/server';
import { ConnectorError } from '../../../connector/errors.ts';
import { escapeMarks, providerData } from '../provider-data.ts';
import { shortenOutput } from '../short-output.ts';
import { callTexts } from '../words.ts';

/** The result of a call: the output, unchanged, and its text, which marks it as data and shortens long lists. */
export function successResult(output: unknown): CallToolResult {
  return {
    content: [{ type: 'text', text: readableData(output) }],
    // The SDK sends any JSON, although its type says otherwise.
    structuredContent: output as Record<string, unknown>,
  };
}

/** Data of the provider as text that fits into the context of a model. */
export function readableData(output: unknown): string {
  const { output: shown, leftOut } = shortenOutput(output);
  const text = providerData(shown);
  return leftOut.length === 0 ? text : [...leftOut, callTexts.shortened, text].join('\n');
}

/** The result of a call that the server stopped: what was done until then, and the parts that are left. */
export function stoppedResult(output: unknown): CallToolResult {
  const { content, ...result } = successResult(output);
  return { ...result, content: [{ type: 'text', text: callTexts.stoppedInPart }, ...content] };
}

/** The result of a failed call. A ConnectorError says what to do next; any other error is a bug, and is thrown again. */
export function errorResult(error: unknown): CallToolResult {
  if (!(error instanceof ConnectorError)) throw error;
  return { content: [{ type: 'text', text: errorText(error) }], isError: true };
}

/** An error for a model. What it quotes of the provider is marked as data. */
export function errorText(error: ConnectorError): string {
  const { code, transient, nextStep } = error;
  return [
    `Error: ${code}${transient ? ' (the same call can succeed later)' : ''}`,
    `Next step: ${escapeMarks(nextStep)}`,
    providerData(error.toJSON()),
  ].join('\n');
}

/** The result of a call that the server refused without sending anything. */
export function refusal(code: string, what: string, nextStep: string): CallToolResult {
  const text = `Error: ${code}\n${escapeMarks(what)}\nNext step: ${escapeMarks(nextStep)}`;
  return { content: [{ type: 'text', text }], isError: true };
}
