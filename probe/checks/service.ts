import { isRecord } from '../../schemas/is-record.ts';
import {
  asSpecified,
  type Check,
  deviates,
  deviatesSo,
  findingOf,
  notTried,
  type ProbeContext,
  undetermined,
  unsupported,
} from '../check.ts';
import { type Answer, smallestTimestamp } from '../probe-client.ts';
import { readShownList, type Shown, statusText } from '../read-answer.ts';

const discoveryPaths = ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas'] as const;

/** Discovery (RFC 7644 §4), and what it declares. */
export const discoveryChecks: readonly Check[] = [
  {
    key: 'discovery',
    question: 'Does the provider describe itself?',
    reference: 'RFC 7644 §4',
    async run({ client, facts, users }) {
      const answers: Answer[] = [];
      for (const path of discoveryPaths) answers.push(await client.ask({ path }));
      const [config, types, schemas] = answers;
      if (config !== undefined && config.status < 300 && isRecord(config.body)) facts.config = config.body;
      const urns = declaredUrns(types, users.endpoint) ?? declaredIds(schemas);
      if (urns !== undefined) facts.userSchemas = urns;
      const found = discoveryPaths.map((path, at) => `${path}: ${describe(answers[at])}`).join('. ');
      if (answers.every(({ status }) => [404, 405, 501].includes(status)))
        return deviates(`${found}.`, 'no-discovery');
      return answers.every(({ status, body }) => status < 300 && body !== undefined)
        ? asSpecified('All three documents are there.')
        : deviatesSo(
            `${found}.`,
            'Rolecall cannot rely on what is missing: it tries, or uses its own manifest.',
          );
    },
  },
  declared('bulk', 'Does the provider declare bulk requests?', 'RFC 7643 §5', ({ bulk }) =>
    bulk === false
      ? unsupported('`bulk.supported` is false.', 'no-bulk')
      : describeDeclared('bulk.supported', bulk),
  ),
  declared('patch', 'Does the provider declare PATCH?', 'RFC 7643 §5', ({ patch }) =>
    patch === false ? unsupported('`patch.supported` is false.') : describeDeclared('patch.supported', patch),
  ),
  declared('filter', 'Does the provider declare filters?', 'RFC 7643 §5', ({ filter }) =>
    filter === false
      ? unsupported('`filter.supported` is false.')
      : describeDeclared('filter.supported', filter),
  ),
  declared('sort', 'Does the provider declare sorting?', 'RFC 7643 §5', ({ sort }) =>
    sort === false ? unsupported('`sort.supported` is false.') : describeDeclared('sort.supported', sort),
  ),
  declared('etag', 'Does the provider declare versions?', 'RFC 7643 §5', ({ etag }) =>
    etag === false ? unsupported('`etag.supported` is false.') : describeDeclared('etag.supported', etag),
  ),
];

/** What all responses have in common; these run last. */
export const transportChecks: readonly Check[] = [
  {
    key: 'rate_limit',
    question: 'How does the provider limit the rate of requests?',
    reference: 'RFC 6585 §4, RFC 9110 §10.2.3',
    async run({ client }) {
      const { throttled } = client;
      if (throttled.length === 0) return notTried(`None of ${client.requests} requests was throttled.`);
      return findingOf(
        [
          throttled.some(({ status }) => status === 403)
            ? ['A rate limit was reported with a 403.', 'rate-limit-403']
            : undefined,
          throttled.some(({ headers }) => Number(headers['retry-after'] ?? 0) > smallestTimestamp)
            ? ['`Retry-After` was a time, not a number of seconds from now.', 'retry-after-epoch']
            : undefined,
        ],
        `A 429 for ${throttled.length} of ${client.requests} requests, which were sent again after the wait.`,
      );
    },
  },
  {
    key: 'content_type',
    question: 'Which content type do responses have?',
    reference: 'RFC 7644 §3.1',
    async run({ client }) {
      const types = [...client.contentTypes].map((type) => (type === '' ? 'none' : type));
      const usual = ['application/scim+json', 'application/json'];
      return types.every((type) => usual.includes(type))
        ? asSpecified(`${types.join(', ')}.`)
        : deviatesSo(`${types.join(', ')}.`, 'Nothing: Rolecall reads a body by its content.');
    },
  },
];

type Declared = Readonly<
  Record<'bulk' | 'patch' | 'filter' | 'sort' | 'etag' | 'index' | 'cursor', boolean | undefined>
>;

function declared(
  key: keyof Declared,
  question: string,
  reference: string,
  read: (declared: Declared) => ReturnType<typeof asSpecified>,
): Check {
  return {
    key: `declares_${key}`,
    question,
    reference,
    run: async ({ facts: { config } }: ProbeContext) =>
      config === undefined ? notTried('/ServiceProviderConfig cannot be read.') : read(readDeclared(config)),
  };
}

/** What `/ServiceProviderConfig` says of each feature; undefined where it says nothing. */
export function readDeclared(config: Shown): Declared {
  const read = (name: string, property = 'supported'): boolean | undefined => {
    const feature = config[name];
    const supported = isRecord(feature) ? feature[property] : undefined;
    if (typeof supported === 'boolean') return supported;
    return supported === 'true' ? true : supported === 'false' ? false : undefined;
  };
  return {
    bulk: read('bulk'),
    patch: read('patch'),
    filter: read('filter'),
    sort: read('sort'),
    etag: read('etag'),
    index: read('pagination', 'index'),
    cursor: read('pagination', 'cursor'),
  };
}

function describeDeclared(name: string, value: boolean | undefined): ReturnType<typeof asSpecified> {
  return value === undefined
    ? undetermined(`\`${name}\` is missing.`)
    : asSpecified(`\`${name}\` is ${value}.`);
}

function describe(answer: Answer | undefined): string {
  if (answer === undefined) return 'no answer';
  return answer.status < 300
    ? answer.body === undefined
      ? `${answer.status} without JSON`
      : 'there'
    : statusText(answer);
}

/** The schemas of users in `/ResourceTypes`. */
function declaredUrns(answer: Answer | undefined, endpoint: string): ReadonlySet<string> | undefined {
  const type = entriesOf(answer).find((one) => String(one.endpoint).endsWith(endpoint));
  if (type === undefined) return undefined;
  const extensions = Array.isArray(type.schemaExtensions) ? type.schemaExtensions.filter(isRecord) : [];
  return new Set([String(type.schema), ...extensions.map(({ schema }) => String(schema))]);
}

/** The schemas in `/Schemas`. */
function declaredIds(answer: Answer | undefined): ReadonlySet<string> | undefined {
  const entries = entriesOf(answer);
  return entries.length === 0 ? undefined : new Set(entries.map(({ id }) => String(id)));
}

function entriesOf(answer: Answer | undefined): readonly Shown[] {
  if (answer === undefined || answer.status >= 300) return [];
  return Array.isArray(answer.body) ? answer.body.filter(isRecord) : (readShownList(answer)?.entries ?? []);
}
