import { isJsonArray, isJsonObject, type Json, memberOf } from '../../../scim/json.ts';
import { messages } from '../../../scim/messages.ts';
import { badRequest } from '../../../scim/scim-error.ts';
import type { ProjectionRequest } from '../resource/compile-projection.ts';

/** The parameters of a list request: RFC 7644 §3.4.2, RFC 9865 §2. */
export interface SearchRequest extends ProjectionRequest {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder: 'ascending' | 'descending';
  /** From 1, which it is when absent. */
  readonly startIndex: number | undefined;
  readonly count: number | undefined;
  /** Present for cursor-based pagination; empty for the first page. */
  readonly cursor?: string | undefined;
}

/** Reads a search from the query part of a URL. */
export function searchRequestOfQuery(query: ReadonlyMap<string, string>): SearchRequest {
  return {
    ...projectionOfQuery(query),
    filter: nonEmpty(query.get('filter')),
    sortBy: nonEmpty(query.get('sortBy')),
    sortOrder: readSortOrder(nonEmpty(query.get('sortOrder'))),
    startIndex: readStartIndex(nonEmpty(query.get('startIndex'))),
    count: readCount(nonEmpty(query.get('count'))),
    cursor: query.get('cursor'),
  };
}

/** Reads `attributes` and `excludedAttributes` from the query part of a URL. */
export function projectionOfQuery(query: ReadonlyMap<string, string>): ProjectionRequest {
  return {
    attributes: readNames(query.get('attributes')),
    excludedAttributes: readNames(query.get('excludedAttributes')),
  };
}

/** Reads a search from the body of a POST to `/.search`. */
export function searchRequestOfBody(body: Json | undefined): SearchRequest {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const schemas = memberOf(body, 'schemas');
  if (!isJsonArray(schemas) || !schemas.includes(messages.searchRequest)) {
    throw badRequest('invalidSyntax', `"schemas" must be ["${messages.searchRequest}"].`);
  }
  const text = (name: string): string | undefined => {
    const value = memberOf(body, name) ?? undefined;
    if (value !== undefined && typeof value !== 'string') {
      throw badRequest('invalidValue', `"${name}" must be a string.`);
    }
    return value;
  };
  return {
    attributes: readNames(memberOf(body, 'attributes')),
    excludedAttributes: readNames(memberOf(body, 'excludedAttributes')),
    filter: nonEmpty(text('filter')),
    sortBy: nonEmpty(text('sortBy')),
    sortOrder: readSortOrder(nonEmpty(text('sortOrder'))),
    startIndex: readStartIndex(memberOf(body, 'startIndex')),
    count: readCount(memberOf(body, 'count')),
    cursor: text('cursor'),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

function readSortOrder(text: string | undefined): 'ascending' | 'descending' {
  switch (text?.toLowerCase()) {
    case undefined:
    case 'ascending':
      return 'ascending';
    case 'descending':
      return 'descending';
    default:
      throw badRequest('invalidValue', '"sortOrder" must be "ascending" or "descending".');
  }
}

// RFC 7644 §3.4.2.4: a value below 1 means 1.
function readStartIndex(value: Json | undefined): number | undefined {
  const startIndex = readInteger('startIndex', value);
  return startIndex === undefined ? undefined : Math.max(1, startIndex);
}

// RFC 9865 §2.1 has a separate keyword for an invalid count. A negative one means 0 (RFC 7644 §3.4.2.4).
function readCount(value: Json | undefined): number | undefined {
  const count = readInteger('count', value, 'invalidCount');
  return count === undefined ? undefined : Math.max(0, count);
}

function readInteger(
  name: string,
  value: Json | undefined,
  scimType: 'invalidValue' | 'invalidCount' = 'invalidValue',
): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
    throw badRequest(scimType, `"${name}" must be an integer.`);
  }
  return number;
}

function readNames(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list = isJsonArray(value) ? value : [value];
  const names = list.flatMap((item) => {
    if (typeof item !== 'string') throw badRequest('invalidValue', 'Attribute names must be strings.');
    return item.split(',').map((name) => name.trim());
  });
  const given = names.filter((name) => name !== '');
  return given.length === 0 ? undefined : given;
}
