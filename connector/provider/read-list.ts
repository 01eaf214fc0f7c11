import { isRecord } from '../../schemas/is-record.ts';
import { messages } from '../../scim/messages.ts';
import { errorParts, errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';

/** A list answer (RFC 7644 §3.4.2), with its resources unread. */
export interface ListPage {
  readonly resources: readonly unknown[];
  /** Undefined when the provider does not say. */
  readonly totalResults: number | undefined;
  /** RFC 9865 §2: where the next page begins; undefined on the last page, and with index paging. */
  readonly nextCursor: string | undefined;
}

/** Reads a list answer. @throws ConnectorError `provider_fault` when it is none. */
export function readList(body: unknown): ListPage {
  const list = isRecord(body) ? body : {};
  const resources = list.Resources ?? list.resources;
  const totalResults = readCount(list.totalResults);
  const nextCursor = list.nextCursor;
  if (
    Array.isArray(resources) ||
    (isMissing(resources) && (totalResults !== undefined || isListResponse(list)))
  ) {
    return {
      // RFC 7644 §3.4.2: Resources may be left out when there are none. Servers that write JSON from protocol buffers
      // leave out a total of zero, too: then the schema says that it is a list.
      resources: Array.isArray(resources) ? resources : [],
      totalResults,
      nextCursor: typeof nextCursor === 'string' && nextCursor !== '' ? nextCursor : undefined,
    };
  }
  throw new ConnectorError('provider_fault', {
    ...fillError(errorTexts.notAList, {
      reason: body === undefined ? errorParts.emptyList : errorParts.noResources,
    }),
  });
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isListResponse({ schemas }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(schemas) && schemas.includes(messages.listResponse);
}

function readCount(value: unknown): number | undefined {
  const count = typeof value === 'string' ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined;
}
