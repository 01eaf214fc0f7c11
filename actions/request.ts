import { invalidInput } from '../connector/errors.ts';
import type { HttpMethod } from '../connector/platform.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { OperationHandler } from './operation.ts';

/** Any SCIM request, for everything that no other operation covers. An unknown POST or PATCH is never retried blindly. */
export const request: OperationHandler<'request'> = {
  type: 'request',
  async run({ client, signal }, _action, input) {
    const answer = await client.send({
      method: (input.method as HttpMethod | undefined) ?? 'GET',
      path: checkPath(client.connection.baseUrl, input.path as string),
      query: queryOf(input.query),
      body: input.body,
      signal,
    });
    const { 'set-cookie': _, ...headers } = answer.headers;
    return { status: answer.status, headers, body: answer.body ?? null };
  },
};

/** The request contains the token, so the path must stay below the base URL. */
function checkPath(baseUrl: string, path: string): string {
  const url = URL.parse(`${baseUrl}${path}`);
  const isBelow =
    path.startsWith('/') &&
    url !== null &&
    url.search === '' &&
    url.hash === '' &&
    url.href.startsWith(`${baseUrl}/`);
  if (isBelow && !path.includes('\\')) return path;
  throw invalidInput([{ path: 'path', message: problemTexts.pathOutside }]);
}

function queryOf(query: unknown): Record<string, string> {
  if (!isRecord(query)) return {};
  const odd = Object.entries(query).filter(
    ([, value]) => !['string', 'number', 'boolean'].includes(typeof value),
  );
  if (odd.length > 0)
    throw invalidInput(
      odd.map(([name]) => ({ path: `query.${name}`, message: problemTexts.notAQueryValue })),
    );
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
}
