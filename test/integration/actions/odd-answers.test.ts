import { expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { listen } from '../../support/listen.ts';
import { oddAnswers } from '../../support/odd-answers.ts';

it.each(oddAnswers)('$title', async ({ key, input, start, expected }) => {
  const answer = start();
  const { origin, close } = await listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const { status = 200, body, text, headers } = answer(`${request.method} ${pathname}`, searchParams);
    response.writeHead(status, { 'content-type': 'application/scim+json', ...headers });
    response.end(text ?? (body === undefined ? undefined : JSON.stringify(body)));
  });
  await using connector = createConnector({ baseUrl: origin, token: 'secret', deadlineInMs: 60_000 });
  try {
    const run = connector.run(key, input);
    if (expected.output === undefined) expect((await failureOf(run)).code).toBe(expected.code);
    else expect(await run).toMatchObject(expected.output);
  } finally {
    await close();
  }
});
