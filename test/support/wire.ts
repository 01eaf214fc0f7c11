import axios from 'axios';
import nock from 'nock';
import { type Connector, createConnector } from '../../runtime/index.ts';
import { testBaseUrl, testToken } from './open-test-session.ts';

/** One request as it went out. */
export interface WireRequest {
  /** `GET /scim/v2/Users?count=1`, spelled as in the URL. */
  readonly line: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, parsed; undefined without a body. */
  readonly body: unknown;
}

/** One answer to come. */
export interface WireAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is a string. */
  readonly body?: unknown;
}

/** What went out, and what came of it. */
export interface WireRun {
  readonly requests: readonly WireRequest[];
  /** `GET /scim/v2/Users?count=1` of each request. */
  readonly lines: readonly string[];
  readonly output: unknown;
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Runs an action with a connector whose requests get these answers in turn. One answer too many or too few is an
 * error: the number of requests is part of what is tested.
 */
export async function onTheWire(
  answers: readonly WireAnswer[],
  run: (connector: Connector) => Promise<unknown>,
): Promise<WireRun> {
  const left = [...answers];
  const requests: WireRequest[] = [];
  const { origin } = new URL(testBaseUrl);
  const reply = async (request: Request): Promise<nock.ReplyFnResult> => {
    const text = await request.text();
    requests.push({
      line: `${request.method} ${request.url.slice(origin.length)}`,
      headers: Object.fromEntries(request.headers),
      body: text === '' ? undefined : JSON.parse(text),
    });
    const { status = 200, headers = {}, body } = left.shift() ?? { status: 418 };
    const said = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    return [status, said, { 'content-type': 'application/scim+json', ...headers }];
  };
  nock.disableNetConnect();
  const scope = nock(origin).persist();
  for (const method of methods) scope.intercept(() => true, method).reply(reply);
  const connector = createConnector({ baseUrl: testBaseUrl, token: testToken, axios });
  try {
    const output = await run(connector);
    if (requests.length !== answers.length)
      throw new Error(
        `${answers.length} requests were to be sent, but there were ${requests.length}: ${requests.map(({ line }) => line).join(', ')}`,
      );
    return { requests, lines: requests.map(({ line }) => line), output };
  } finally {
    connector.close();
    nock.cleanAll();
    nock.enableNetConnect();
  }
}
