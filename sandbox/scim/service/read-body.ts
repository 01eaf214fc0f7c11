import type { Json } from '../../../scim/json.ts';
import { badRequest, ScimError } from '../../../scim/scim-error.ts';
import type { ScimLimits } from '../scim-limits.ts';
import type { ScimRequest } from './scim-message.ts';

// RFC 7644 §3.1 and §8.1: application/scim+json, and application/json for older clients.
const jsonTypes: ReadonlySet<string> = new Set(['application/scim+json', 'application/json']);

/**
 * Reads a request's body as JSON.
 *
 * @throws ScimError 415 for another content type, 400 `invalidSyntax` for invalid JSON or too deep nesting.
 */
export function readBody(request: ScimRequest, limits: ScimLimits): Json {
  const contentType = request.headers['content-type'];
  if (contentType !== undefined && !jsonTypes.has(mediaType(contentType))) {
    throw new ScimError(415, 'Send application/scim+json or application/json.');
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new ScimError(415, 'Send the body without a content encoding.');
  }
  if (request.body === undefined || request.body === '') {
    throw badRequest('invalidSyntax', 'The request needs a JSON body.');
  }
  if (depthOf(request.body) > limits.maxJsonDepth) {
    throw badRequest('invalidSyntax', `The body is nested deeper than ${limits.maxJsonDepth} levels.`);
  }
  try {
    return JSON.parse(request.body);
  } catch {
    throw badRequest('invalidSyntax', 'The body is not valid JSON.');
  }
}

function mediaType(contentType: string): string {
  const semicolon = contentType.indexOf(';');
  return (semicolon === -1 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
}

const quote = 0x22;
const backslash = 0x5c;

// Measured on the text, so that rejected bodies are never parsed.
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === backslash) at += 1;
      else if (code === quote) inString = false;
    } else if (code === quote) {
      inString = true;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
    }
  }
  return deepest;
}
