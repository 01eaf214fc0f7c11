import type { ConnectorDefinition, ResourceDefinition } from '../../../connector/definition/definition.ts';
import { lastSegment } from '../../../connector/provider/resource-path.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { rejectionTexts } from '../webhook-auth/rejection-texts.ts';
import { RejectedRequest } from '../webhook-auth/request-checks.ts';

/** The resource that a security event token is about. */
export interface SetSubject {
  /** Undefined if the connector does not know its type. */
  readonly resource: ResourceDefinition | undefined;
  readonly id: string;
  /** The subject's attributes in addition to the ID, by SCIM's names (RFC 9967 §2.1). */
  readonly shown: Readonly<Record<string, unknown>>;
}

/**
 * Reads the subject (RFC 9967 §2.1, RFC 9493). `sub` is never used: it belongs to other kinds of tokens.
 *
 * @param data the data of an event in the token, which has the resource type if the subject only has an ID.
 * @throws RejectedRequest if the subject does not identify a resource.
 */
export function readSetSubject(
  definition: ConnectorDefinition,
  subject: unknown,
  data: Readonly<Record<string, unknown>> | undefined,
): SetSubject {
  for (const one of identifiersOf(subject)) {
    const { format: _, uri: __, id: ___, ...shown } = one;
    if (typeof one.uri === 'string') {
      const { kind, id } = readUri(one.uri);
      if (id !== '') return { resource: byEndpoint(definition, kind), id, shown };
    }
    const id = typeof one.id === 'string' ? one.id : undefined;
    const resource = data === undefined ? undefined : bySchemas(definition, data);
    if (id !== undefined && id !== '' && resource !== undefined) return { resource, id, shown };
  }
  throw new RejectedRequest('invalid_request', {
    what: rejectionTexts.subject,
    nextStep: 'Ask the issuer for tokens whose subjects have the format "scim" (RFC 9967 §2.1).',
  });
}

/** The identifiers that can be a SCIM resource: those of `aliases` (RFC 9493 §3.2.8) are tried in order. */
function identifiersOf(subject: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!isRecord(subject)) return [];
  const { format, identifiers } = subject;
  if (format === 'aliases' && Array.isArray(identifiers))
    return identifiers.filter(isRecord).filter(isUsable);
  return isUsable(subject) ? [subject] : [];
}

function isUsable({ format }: Readonly<Record<string, unknown>>): boolean {
  // An "opaque" ID is the resource's own only if the issuer means it, which it shows by also naming the type.
  return format === undefined || format === 'scim' || format === 'uri' || format === 'opaque';
}

/** `/Users/2819c223`, relative or absolute: the last two segments are used, whatever the base URL is. */
function readUri(uri: string): { readonly kind: string; readonly id: string } {
  const path = uri.replace(/[?#].*$/s, '').replace(/\/+$/, '');
  const last = path.lastIndexOf('/');
  if (last < 0) return { kind: '', id: '' };
  const kind = path.slice(path.lastIndexOf('/', last - 1) + 1, last);
  return { kind, id: lastSegment(path) };
}

function byEndpoint({ resources }: ConnectorDefinition, kind: string): ResourceDefinition | undefined {
  const endpoint = `/${kind}`.toLowerCase();
  return Object.values(resources).find((resource) => resource.endpoint.toLowerCase() === endpoint);
}

function bySchemas(
  { resources }: ConnectorDefinition,
  { schemas }: Readonly<Record<string, unknown>>,
): ResourceDefinition | undefined {
  const named = Array.isArray(schemas) ? schemas.map((schema) => String(schema).toLowerCase()) : [];
  return Object.values(resources).find(({ schema }) => named.includes(schema.toLowerCase()));
}
