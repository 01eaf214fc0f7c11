import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../scim/json.ts';
import type { SearchRequest } from '../scim/query/search-request.ts';
import type { ResourceType } from '../scim/schema/resource-type.ts';

/** The resources of a list response. */
export function resourcesOf(list: JsonObject): readonly Json[] {
  return isJsonArray(list.Resources) ? list.Resources : [];
}

/** A list response with other resources, and with their number as its `itemsPerPage`. */
export function withResources(list: JsonObject, resources: readonly Json[]): JsonObject {
  return { ...list, itemsPerPage: resources.length, Resources: resources };
}

/** An ID as text. A quirk can have turned it into a number, or into a raw number that only JSON can hold. */
export function idText(id: Json | undefined): string {
  return isJsonObject(id) ? String(id.rawJSON) : String(id);
}

/** An object without one of its keys. */
export function without(object: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = object;
  return rest;
}

/** Whether a query requests the first page of a list. */
export function isFirstPage({ startIndex = 1, cursor = '' }: SearchRequest): boolean {
  return startIndex <= 1 && cursor === '';
}

/** Whether a query is for one type of resources only. */
export function isOnly(types: readonly ResourceType[], name: 'User' | 'Group'): boolean {
  return types.length === 1 && types[0]?.name === name;
}
