import { Command, InvalidArgumentError } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../cli/errors.ts';
import { readDuration } from '../../../cli/options.ts';
import {
  addSinkOptions,
  addSourceOptions,
  addSubscriptionOptions,
  readSourceOptions,
  readSubscriptionOptions,
  readWebhookOptions,
} from '../../../cli/watch-options.ts';
import { definition } from '../../support/open-test-session.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

beforeEach(() => {
  process.env.TEST_SECRET = ' a-long-random-value ';
  process.env.TEST_WHSEC = `${secret} whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD`;
  process.env.TEST_EMPTY = '';
});

afterEach(() => {
  for (const name of ['TEST_SECRET', 'TEST_WHSEC', 'TEST_EMPTY']) delete process.env[name];
});

function parse<T>(add: (command: Command) => Command, args: readonly string[]): T {
  const command = add(new Command().exitOverride().option('--set <field=value>', '', collect, []));
  return command.parse(args, { from: 'user' }).opts() as T;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function sources(...args: readonly string[]) {
  return readSourceOptions(parse(addSourceOptions, args), definition);
}

function webhooks(...args: readonly string[]) {
  return readWebhookOptions(parse(addSinkOptions, args), definition);
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('It should have been refused');
}

describe('readDuration', () => {
  it.each([
    ['500ms', 500],
    ['1s', 1_000],
    ['30s', 30_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
  ])('reads %s as %i milliseconds', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  it.each(['', '60', '0s', '-1s', '1.5s', '1 s', '1d', '25h', 's', '1S', '1e3s'])('rejects "%s"', (text) => {
    expect(() => readDuration(text)).toThrow(InvalidArgumentError);
  });
});

describe('readSourceOptions', () => {
  it('returns no sources if none is named', () => {
    expect(sources()).toEqual([]);
  });

  it('reads the settings of a source', () => {
    const settings = [
      'issuer=https://idp.example.com',
      'audience=https://me.example.com/a=b',
      'jwksUrl=https://idp.example.com/keys',
      'maxAgeInSeconds=3600',
    ];
    const args = settings.flatMap((setting) => ['--source-set', setting]);
    expect(
      sources('--source', 'security_event_token', ...args, '--source-secret-env', 'bearerToken=TEST_SECRET'),
    ).toEqual([
      {
        type: 'security_event_token',
        settings: {
          issuer: 'https://idp.example.com',
          audience: 'https://me.example.com/a=b',
          jwksUrl: 'https://idp.example.com/keys',
          maxAgeInSeconds: 3600,
          bearerToken: 'a-long-random-value',
        },
      },
    ]);
  });

  it('assigns settings to several sources by type', () => {
    const args = ['--source', 'okta_event_hook', '--source', 'workos', '--source', 'workos'];
    const secrets = ['okta_event_hook.secret=TEST_SECRET', 'workos.secret=TEST_WHSEC'];
    expect(
      sources(
        ...args,
        ...secrets.flatMap((one) => ['--source-secret-env', one]),
        '--source-set',
        'workos.maxAgeInSeconds=60',
      ),
    ).toEqual([
      { type: 'okta_event_hook', settings: { secret: 'a-long-random-value' } },
      { type: 'workos', settings: { secret: process.env.TEST_WHSEC, maxAgeInSeconds: 60 } },
    ]);
  });

  const refused: readonly (readonly [string, readonly string[], string])[] = [
    [
      'an unknown source',
      ['--source', 'okta'],
      'There is no source "okta". The sources are: security_event_token,',
    ],
    ['a setting without a source', ['--source-set', 'secret=x'], 'requires field=value and a --source'],
    [
      'an ambiguous setting',
      ['--source', 'workos', '--source', 'ory_polis', '--source-set', 'maxAgeInSeconds=1'],
      '--source-set does not say which source it is for. Pass type.field=value',
    ],
    [
      'an unknown setting',
      ['--source', 'workos', '--source-set', 'secrets=x'],
      '--source-set "secrets" is not a setting of workos. The settings are: secret, previousSecret, maxAgeInSeconds',
    ],
    [
      'a secret as an argument',
      ['--source', 'workos', '--source-set', 'secret=hunter2'],
      '--source-set secret is a secret. Set it in an environment variable, and pass --source-secret-env secret=NAME.',
    ],
    [
      'the secret itself in place of its variable',
      ['--source', 'workos', '--source-secret-env', 'secret=hunter-2'],
      'requires the name of an environment variable, such as HOOK_SECRET, not the secret itself',
    ],
    [
      'an empty variable',
      ['--source', 'workos', '--source-secret-env', 'secret=TEST_EMPTY'],
      'The environment variable TEST_EMPTY that --source-secret-env secret names is not set',
    ],
    ['a missing setting', ['--source', 'workos'], 'Invalid settings of the source workos: secret '],
    [
      'a setting of another type',
      [
        '--source',
        'workos',
        '--source-secret-env',
        'secret=TEST_SECRET',
        '--source-set',
        'maxAgeInSeconds=soon',
      ],
      'maxAgeInSeconds must be an integer',
    ],
    [
      'a setting without a value',
      ['--source', 'workos', '--source-set', 'maxAgeInSeconds'],
      '--source-set requires field=value',
    ],
  ];

  it.each(refused)('rejects %s', (_, args, words) => {
    const message = messageOf(() => sources(...args));
    expect(message).toContain(words);
    expect(message).not.toMatch(/hunter/);
  });
});

describe('readWebhookOptions', () => {
  it('returns nothing without a URL', () => {
    expect(webhooks()).toEqual([]);
  });

  it('reads the secrets of the variable, and the limits of the connection', () => {
    expect(
      webhooks(
        '--to',
        'https://flows.example.com/h?k=1',
        '--to-secret-env',
        'TEST_WHSEC',
        '--set',
        'timeoutInMs=5',
      ),
    ).toEqual([
      {
        url: 'https://flows.example.com/h?k=1',
        allowPlainHttp: false,
        secrets: [secret, 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
        timeoutInMs: 5,
        deadlineInMs: 120_000,
        maxResponseBytes: 67_108_864,
      },
    ]);
  });

  it.each(['http://127.0.0.1:5678/x', 'http://localhost/x', 'http://[::1]:1/'])(
    'accepts a local URL: %s',
    (url) => {
      expect(webhooks('--to', url, '--to-secret-env', 'TEST_WHSEC')).toMatchObject([{ url }]);
    },
  );

  it('accepts plain http to another machine with --to-plain-http', () => {
    const url = 'http://10.0.0.7:9000/hook';
    const given = ['--to', url, '--to-secret-env', 'TEST_WHSEC', '--to-plain-http'];
    expect(webhooks(...given)).toMatchObject([{ url, allowPlainHttp: true }]);
  });

  it('reads one secret for all URLs, or one for each in the same order', () => {
    process.env.TEST_SECRET = secret;
    const to = ['--to', 'https://a.example.com', '--to', 'https://b.example.com'];
    const both = [secret, 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'];
    const shared = webhooks(...to, '--to-secret-env', 'TEST_WHSEC');
    expect(shared.map(({ secrets }) => secrets)).toEqual([both, both]);
    const each = webhooks(...to, '--to-secret-env', 'TEST_WHSEC', '--to-secret-env', 'TEST_SECRET');
    expect(each.map(({ url, secrets }) => [url, secrets])).toEqual([
      ['https://a.example.com', both],
      ['https://b.example.com', [secret]],
    ]);
  });

  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ['text that is not a URL', ['--to', 'flows.example.com'], '--to is not a URL'],
    [
      'plain http to elsewhere',
      ['--to', 'http://flows.example.com/x'],
      '--to would send events without encryption',
    ],
    ['another scheme', ['--to', 'ftp://localhost/x'], 'without encryption'],
    [
      'a password in the address',
      ['--to', 'https://ada:hunter2@example.com'],
      'must not contain a username or password',
    ],
    ['no secret', ['--to', 'https://example.com'], '--to-secret-env is missing'],
    [
      'a secret of another form',
      ['--to', 'https://example.com', '--to-secret-env', 'TEST_SECRET'],
      'must be whsec_ and 24 to 64 bytes in base64',
    ],
    ['a secret without an address', ['--to-secret-env', 'TEST_WHSEC'], '--to-secret-env requires --to'],
    ['plain http without an address', ['--to-plain-http'], '--to-plain-http requires --to or --held-to'],
    [
      'a public address with --to-plain-http',
      ['--to', 'http://192.0.2.7/x', '--to-plain-http'],
      'without encryption to a public address',
    ],
    [
      'another scheme with --to-plain-http',
      ['--to', 'ftp://10.0.0.7/x', '--to-plain-http'],
      'without encryption',
    ],
    [
      'more secrets than addresses',
      ['--to', 'https://example.com', '--to-secret-env', 'TEST_WHSEC', '--to-secret-env', 'TEST_WHSEC'],
      '--to-secret-env does not say which --to each secret is for',
    ],
    [
      'an invalid limit',
      ['--to', 'https://example.com', '--to-secret-env', 'TEST_WHSEC', '--set', 'timeoutInMs=soon'],
      '--set timeoutInMs must be an integer',
    ],
  ];

  it.each(refused)('rejects %s', (_, args, words) => {
    const message = messageOf(() => webhooks(...args));
    expect(message).toContain(words);
    expect(message).not.toMatch(/hunter|random/);
  });
});

describe('the options of subscriptions', () => {
  const read = (...args: readonly string[]) => readSubscriptionOptions(parse(addSubscriptionOptions, args));

  it('accept nobody without --subscriptions', () => {
    expect(read()).toBeUndefined();
    expect(messageOf(() => read('--subscriptions-to-private'))).toContain('requires --subscriptions');
  });

  it('read one token, or two during rotation, from the environment', () => {
    expect(read('--subscriptions', '--subscriptions-token-env', 'TEST_WHSEC')).toEqual({
      tokens: [secret, 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'],
      allowPrivateTargets: false,
    });
    const toPrivate = ['--subscriptions-token-env', 'TEST_SECRET', '--subscriptions-to-private'];
    expect(read('--subscriptions', ...toPrivate)).toEqual({
      tokens: ['a-long-random-value'],
      allowPrivateTargets: true,
    });
    expect(messageOf(() => read('--subscriptions'))).toContain('SUBSCRIPTIONS_TOKEN');
  });
});
