import { expect, it } from 'vitest';
import { commandLineWords } from '../../../cli/mcp-words.ts';
import { readConnection } from '../../../connector/connection.ts';
import { type ErrorText, errorTexts } from '../../../connector/error-texts.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { renameFields } from '../../../connector/rename-fields.ts';
import { transportSteps } from '../../../connector/transport-texts.ts';
import { maxDeadlineOf, timeLimitsOf } from '../../../hosts/mcp/call-time.ts';
import { errorInWords, wordedConnector } from '../../../hosts/mcp/server/worded-connector.ts';
import { bundleWords } from '../../../hosts/mcp/words.ts';
import type { Connector } from '../../../runtime/index.ts';
import { definition } from '../../support/open-test-session.ts';

const inBundle = bundleWords(definition);
const [bearer, ...others] = definition.connection.auth.methods;
const connectionKeys = [...definition.connection.fields, ...bearer.fields].map(({ key }) => key);
const authKeys = others.flatMap(({ fields }) => fields.map(({ key }) => `auth.${key}`));
const texts: readonly (readonly [string, ErrorText])[] = [
  ...Object.entries(errorTexts),
  ...Object.entries(transportSteps).map(
    ([code, nextStep]) => [code, { what: 'No response.', nextStep }] as const,
  ),
];

/** The keys in backticks that are left in a text. */
function keysIn(text: string, keys: readonly string[]): readonly string[] {
  return [...text.matchAll(/`([^`\s]+)`/g)].map(([, key = '']) => key).filter((key) => keys.includes(key));
}

it.each(texts)('the error %s names no field of the connection by its key', (_, text) => {
  const error = new ConnectorError('unavailable', text);

  expect(keysIn(errorInWords(error, commandLineWords).message, [...connectionKeys, ...authKeys])).toEqual([]);
  expect(keysIn(errorInWords(error, inBundle).message, connectionKeys)).toEqual([]);
});

it('names what a person has set: a flag, or a setting of the bundle', () => {
  const message = (words: typeof inBundle): string =>
    errorInWords(new ConnectorError('auth', errorTexts.tokenRejected), words).nextStep;

  expect(message(commandLineWords)).toMatch(/^Check that the token \(--token-env\) is complete/);
  expect(message(inBundle)).toMatch(/^Check that "SCIM token" is complete/);
});

it('says where an option is that a bundle does not have', () => {
  const error = errorInWords(new ConnectorError('rate_limited', errorTexts.rateLimited), inBundle);

  expect(error.nextStep).toContain(
    'lower "Rate limit" (an option of "rolecall mcp" only: --set requestsPerMinute).',
  );
});

it('keeps the keys of invalid input: these are arguments of the tool', () => {
  const error = new ConnectorError('invalid_input', { what: '`token` is unknown.', nextStep: 'Omit it.' });

  expect(errorInWords(error, commandLineWords)).toBe(error);
});

it.each([
  ['a row of a bulk action', { results: [{ row: 1, ok: false, error: slow() }] }],
  [
    'a change of a plan',
    { results: [{ id: 'c1', outcome: 'failed', code: 'unavailable', message: slow().message }] },
  ],
  ['a step of a sequence', { steps: [{ step: 'deactivate', outcome: 'failed', message: slow().message }] }],
])('renames the fields in %s, and nothing else', async (_, output) => {
  const shown = await wordedConnector(returning(output), commandLineWords).run('any', {});

  expect(JSON.stringify(shown)).not.toContain('deadlineInMs');
  expect(JSON.stringify(shown)).toContain('--call-timeout');
  expect(JSON.stringify(shown).replaceAll(/Try again later\. A person can [^.]*\./g, slow().nextStep)).toBe(
    JSON.stringify(output),
  );
});

it.each([
  ['data of a user', { displayName: 'Check `baseUrl`.', message: 'Check `baseUrl`.' }],
  ['users of a list', { resources: [{ message: 'Check `baseUrl`.' }] }],
  ['a row that was done', { results: [{ row: 1, ok: true, output: { message: '`baseUrl`' } }] }],
  [
    'invalid input of a row',
    { results: [{ error: { code: 'invalid_input', message: '`token` is unknown.' } }] },
  ],
  [
    'a quote of the provider',
    { results: [{ code: 'auth', message: 'No. Provider message: Send `token`.' }] },
  ],
  ['text', 'Check `baseUrl`.'],
  ['nothing', null],
])('leaves %s as it is', async (_, output) => {
  expect(await wordedConnector(returning(output), commandLineWords).run('any', {})).toEqual(output);
});

it.each([5, 50, 300, 3600])('lets the connection of a bundle take as long as a call of %i s', (seconds) => {
  const maxCallInMs = seconds * 1000;
  const limits = timeLimitsOf(definition, maxCallInMs);
  const connection = readConnection(definition.connection.schema, {
    ...{ baseUrl: 'https://example.com', token: 'secret' },
    ...limits,
  });

  expect(connection.deadlineInMs).toBe(maxDeadlineOf(maxCallInMs));
  // A slow request can be sent again, and short calls do not make requests shorter than usual.
  expect(connection.timeoutInMs).toBe(
    Math.max(30_000, Math.min(600_000, Math.floor(limits.deadlineInMs / 2))),
  );
});

it('names the settings of a bundle in the error of its connection', () => {
  const run = (): unknown =>
    readConnection(definition.connection.schema, { baseUrl: 'http://example.com', token: 'secret' });

  expect(run).toThrow(ConnectorError);
  try {
    run();
  } catch (error) {
    expect(renameFields(error as ConnectorError, inBundle.nameOf).message).toMatch(
      /^Invalid input: "SCIM base URL" must start with .*"Allow plain HTTP" \(an option of "rolecall mcp" only/,
    );
  }
});

function slow() {
  return new ConnectorError('unavailable', errorTexts.outOfTime).toJSON() as {
    readonly message: string;
    readonly nextStep: string;
  };
}

function returning(output: unknown): Connector {
  return { definition, run: async () => output } as unknown as Connector;
}
