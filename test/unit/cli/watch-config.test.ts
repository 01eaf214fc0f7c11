import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../cli/errors.ts';
import { readDuration } from '../../../cli/options.ts';
import { openWatchConfig } from '../../../cli/watch-config/open-watch-config.ts';
import { readWatchConfig } from '../../../cli/watch-config/read-watch-config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const variables = { SCIM_TOKEN: 'token-1', HOOK_SECRET: 'a long random secret', WEBHOOK_SECRET: secret };
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
  Object.assign(process.env, variables);
});

afterEach(() => {
  folder[Symbol.dispose]();
  for (const name of Object.keys(variables)) delete process.env[name];
});

async function open(text: string, name = 'watch.yaml') {
  writeFileSync(folder.file(name), text);
  const opened = await openWatchConfig(
    await readWatchConfig(folder.file(name)),
    () => undefined,
    readDuration,
  );
  opened.close();
  return opened;
}

/** The problems of a file, line by line, without the first line. */
async function problemsOf(text: string): Promise<readonly string[]> {
  try {
    await open(text);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split('\n').slice(1);
  }
  throw new Error('The file has no problem');
}

const workato = `connections:
  workato:
    baseUrl: https://workato.com/scim/v2
    auth: { type: bearer, tokenEnv: SCIM_TOKEN }
    triggers: [user_updated]
`;

describe('a config file', () => {
  it('opens the connections, triggers, sources, and sinks of the example in the docs', async () => {
    const page = readFileSync(new URL('../../../docs/watch-config.md', import.meta.url), 'utf8');
    const [, example = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const { connections, sinks, state } = await open(example);
    expect(connections).toMatchObject([
      {
        name: 'workato',
        session: expect.anything(),
        triggers: [
          { key: 'user_deprovisioned', input: {} },
          { key: 'user_role_changed', input: { roleTo: 'Admin' } },
        ],
      },
      {
        name: 'okta',
        session: undefined,
        sources: [{ type: 'okta_event_hook', settings: { secret: 'a long random secret' } }],
      },
    ]);
    expect(Object.keys(sinks)).toEqual(['print', 'flows']);
    expect(state).toBe(folder.file('all.state'));
  });

  it('can be JSON', async () => {
    const connection = {
      baseUrl: 'https://workato.com/scim/v2',
      auth: { type: 'basic', username: 'ada', passwordEnv: 'SCIM_TOKEN' },
      every: '30s',
      triggers: ['user_updated'],
    };
    const text = JSON.stringify({ state: 'a.state', connections: { default: connection } });
    const { connections } = await open(text, 'watch.json');
    expect(connections).toMatchObject([{ name: undefined, everyInMs: 30_000 }]);
  });

  it('writes to a file next to it, and posts over plain http to a private network if it is permitted', async () => {
    const receiver = `url: 'http://10.0.0.7:9000', secretEnv: WEBHOOK_SECRET, allowPlainHttp: true`;
    const { sinks, heldSink } = await open(
      `state: a.state\n${workato}held: { ${receiver} }\nsinks:\n  log: { type: file, path: events.jsonl }\n  flows: { type: webhook, ${receiver} }\n`,
    );
    expect(sinks).toMatchObject({
      log: { origin: folder.file('events.jsonl') },
      flows: { origin: 'http://10.0.0.7:9000' },
    });
    expect(heldSink).toMatchObject({ origin: 'http://10.0.0.7:9000' });
  });

  it('is not opened if it is not YAML, with the line', async () => {
    const failing = open('state: a.state\nconnections: [\n');
    await expect(failing).rejects.toThrow(/watch\.yaml, line \d+: /);
  });

  it.each<readonly [string, string, readonly string[]]>([
    [
      'a key that is misspelled',
      `state: a.state\never: 60s\n${workato}`,
      ['  line 2: ever is unknown (did you mean "every"?)'],
    ],
    ['a key that is missing', workato, ['  line 1: state is missing: add it']],
    [
      'a secret in the file',
      `state: a.state\n${workato.replace('tokenEnv: SCIM_TOKEN', 'tokenEnv: SCIM_TOKEN, token: s3cret')}`,
      ['  line 5: connections.workato.auth.token is unknown (did you mean "tokenEnv"?)'],
    ],
    [
      'a secret in place of the name of a variable',
      `state: a.state\n${workato.replace('SCIM_TOKEN', 's3cret-1')}`,
      [
        '  line 5: connections.workato.auth.tokenEnv must be the name of an environment variable, never the secret itself',
      ],
    ],
    [
      'a variable that is not set',
      `state: a.state\n${workato.replace('SCIM_TOKEN', 'NOT_SET_ANYWHERE')}`,
      [
        '  line 5: connections.workato.auth.tokenEnv names an environment variable that is not set: set it to the secret',
      ],
    ],
    [
      'an unknown trigger',
      `state: a.state\n${workato.replace('user_updated', 'user_update')}`,
      [
        '  line 6: connections.workato.triggers[0] is not a trigger of this connection (did you mean "user_updated"?)',
      ],
    ],
    [
      'an invalid input of a trigger',
      `state: a.state\n${workato.replace('user_updated', '{ key: user_updated, input: { filters: a } }')}`,
      [
        '  line 6: connections.workato.triggers[0 "user_updated"].input.filters is not a known field (did you mean "filter"?)',
      ],
    ],
    [
      'an invalid setting of a connection',
      `state: a.state\n${workato}    settings: { deadlineInMs: soon }\n`,
      ['  line 7: connections.workato.settings.deadlineInMs must be an integer, not a string'],
    ],
    [
      'a secret setting of a source in the file',
      `state: a.state\n${workato}    sources:\n      - type: okta_event_hook\n        settings: { secret: abc }\n`,
      [
        '  line 9: connections.workato.sources[0].settings.secret is a secret: set it in an environment variable, and name that under secretsEnv',
      ],
    ],
    [
      'a sink with an unencrypted URL',
      `state: a.state\n${workato}sinks:\n  web: { type: webhook, url: 'http://example.com', secretEnv: WEBHOOK_SECRET }\n`,
      [
        '  line 8: sinks.web.url must start with https:// (only localhost may use http://, unless `allowPlainHttp` is set)',
      ],
    ],
    [
      'a sink that would write into the state',
      `state: a.state\n${workato}sinks:\n  log: { type: file, path: ./a.state }\n`,
      ['  line 8: sinks.log.path is the state: it must be another file'],
    ],
    [
      'a sink whose file is in a missing folder',
      `state: a.state\n${workato}sinks:\n  log: { type: file, path: none/events.jsonl }\n`,
      ['  line 8: sinks.log.path is in a folder that does not exist: create the folder'],
    ],
    [
      'a receiver of notices without a secret',
      `state: a.state\n${workato}held: { url: 'https://example.com', secretEnv: NOT_SET_ANYWHERE }\n`,
      ['  line 7: held.secretEnv names an environment variable that is not set: set it to the secret'],
    ],
    [
      'a duration without a unit',
      `state: a.state\nevery: '60'\n${workato}`,
      ['  line 2: every must be a number with a unit: 500ms, 30s, 5m, 1h'],
    ],
    [
      'neither a provider nor a source',
      'state: a.state\nconnections:\n  none:\n    triggers: [user_updated]\n',
      ['  line 3: connections.none.baseUrl is missing: add it, or sources'],
    ],
  ])('is not opened with %s', async (_, text, problems) => {
    const found = await problemsOf(text);
    expect(found).toEqual(problems);
    expect(found.join()).not.toContain('s3cret');
  });
});

describe('subscriptions in a config file', () => {
  const subscriptions = 'subscriptions: { tokenEnv: WEBHOOK_SECRET, most: 20 }\n';

  it('reads the tokens from the environment, and prints no events', async () => {
    const text = `state: all.state\n${workato}listen: { port: 0 }\n${subscriptions}`;
    const { sinks, subscriptions: opened } = await open(text);
    expect(sinks).toEqual({});
    expect(opened).toEqual({ tokens: [secret], most: 20 });
  });

  it('requires the port at which others subscribe, and a token', async () => {
    const unset = subscriptions.replace('WEBHOOK_SECRET', 'UNSET_TOKEN');
    const problems = await problemsOf(`state: all.state\n${workato}${unset}`);
    expect(problems.join('\n')).toMatch(/subscriptions.* requires listen/);
    expect(problems.join('\n')).toMatch(
      /subscriptions\.tokenEnv.* names an environment variable that is not set/,
    );
  });

  it('requires tokens that nobody guesses', async () => {
    const short = subscriptions.replace('WEBHOOK_SECRET', 'HOOK_SECRET');
    expect(await problemsOf(`state: all.state\n${workato}listen: { port: 0 }\n${short}`)).toEqual([
      expect.stringMatching(/^ {2}line 8: subscriptions\.tokenEnv must have 16 characters or more each/),
    ]);
  });
});
