import resourceTypeSchema from '../../../schemas/scim/ResourceType.json' with { type: 'json' };
import schemaSchema from '../../../schemas/scim/Schema.json' with { type: 'json' };
import serviceProviderConfigSchema from '../../../schemas/scim/ServiceProviderConfig.json' with {
  type: 'json',
};
import type { JsonObject } from '../../../scim/json.ts';
import { notFound } from '../../../scim/scim-error.ts';
import { listResponse } from '../query/list-response.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { SchemaDefinition } from '../schema/schema-definition.ts';
import type { ScimLimits } from '../scim-limits.ts';

/** The three discovery endpoints of RFC 7644 §4. */
export interface Discovery {
  readonly serviceProviderConfig: JsonObject;
  readonly resourceTypes: JsonObject;
  schemas(): JsonObject;
  /** One resource type by its name, or a ScimError 404. */
  resourceType(name: string): JsonObject;
  /** One schema by its URI, or a ScimError 404. */
  schema(urn: string): JsonObject;
}

/** The description of a service, in addition to its schemas. */
export interface ServiceFeatures {
  readonly limits: ScimLimits;
  /** Whether cursor-based pagination is supported (RFC 9865). */
  readonly cursorPagination: boolean;
  /** The security events that it sends (RFC 9967 §4). */
  readonly eventUris: readonly string[];
}

/** Describes a service to its clients. */
export function createDiscovery(
  baseUrl: string,
  resourceTypes: readonly ResourceType[],
  features: ServiceFeatures,
): Discovery {
  const types = new Map(resourceTypes.map((type) => [type.name, showResourceType(baseUrl, type)]));
  const definitions: readonly SchemaDefinition[] = [
    ...resourceTypes.flatMap((type) => [type.schema, ...type.extensions].map(({ definition }) => definition)),
    serviceProviderConfigSchema,
    resourceTypeSchema,
    schemaSchema,
  ];
  // Few clients read the schemas, which are large.
  let shown: ReadonlyMap<string, JsonObject> | undefined;
  const schemas = (): ReadonlyMap<string, JsonObject> => {
    shown ??= new Map(definitions.map((schema) => [schema.id.toLowerCase(), showSchema(baseUrl, schema)]));
    return shown;
  };
  return {
    serviceProviderConfig: showConfig(baseUrl, features),
    resourceTypes: wholeList([...types.values()]),
    schemas: () => wholeList([...schemas().values()]),
    resourceType: (name) => {
      const found = types.get(name);
      if (found === undefined) throw notFound(`There is no resource type ${JSON.stringify(name)}.`);
      return found;
    },
    schema: (urn) => {
      const found = schemas().get(urn.toLowerCase());
      if (found === undefined) throw notFound(`There is no schema ${JSON.stringify(urn)}.`);
      return found;
    },
  };
}

function wholeList(items: readonly JsonObject[]): JsonObject {
  return listResponse({ items, totalResults: items.length, startIndex: 1 });
}

function showResourceType(baseUrl: string, type: ResourceType): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ id }) => ({ schema: id, required: false })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${type.name}` },
  };
}

function showSchema(baseUrl: string, { id, name, description, attributes }: SchemaDefinition): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    name,
    ...(description !== undefined && { description }),
    // Definitions are already JSON: this only drops optional members from the type.
    attributes: JSON.parse(JSON.stringify(attributes)),
    meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${id}` },
  };
}

// RFC 7643 §5, RFC 9865 §4, RFC 9967 §4.
function showConfig(baseUrl: string, { limits, cursorPagination, eventUris }: ServiceFeatures): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: {
      supported: true,
      maxOperations: limits.maxBulkOperations,
      maxPayloadSize: limits.maxPayloadBytes,
    },
    filter: { supported: true, maxResults: limits.maxPageSize },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    // A strict client of RFC 7643 §5 that does not know RFC 9865 rejects the whole response because of it.
    ...(cursorPagination && {
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: limits.defaultPageSize,
        maxPageSize: limits.maxPageSize,
        cursorTimeout: limits.cursorTimeoutInSeconds,
      },
    }),
    // Its absence means that there is no event stream.
    ...(eventUris.length > 0 && { securityEvents: { asyncRequest: 'none', eventUris } }),
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'The SCIM token of the workspace, in the HTTP header "Authorization: Bearer".',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
}
