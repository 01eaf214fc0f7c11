import { expect, it } from 'vitest';
import { commandLineWords } from '../../../cli/mcp-words.ts';
import { bundleManifest } from '../../../hosts/mcp/bundle-manifest.ts';
import { readBundleSettings } from '../../../hosts/mcp/server/bundle-settings.ts';
import { bundleWords, callTexts, confirmTexts, type StartWords } from '../../../hosts/mcp/words.ts';
import { definition } from '../../support/open-test-session.ts';

const connection = { baseUrl: 'https://example.com/scim/v2', token: 'secret' };
const env = { ROLECALL_BASE_URL: connection.baseUrl, ROLECALL_TOKEN: connection.token };
const defaults = { connection, toolset: 'read-only', allowsDestructive: false, maxCallInMs: 50_000 };

it.each([
  ['what a person has entered', { ROLECALL_TOOLS: 'all', ROLECALL_CALL_TIMEOUT: '90' }],
  ['what has spaces around it', { ROLECALL_TOOLS: ' all ', ROLECALL_CALL_TIMEOUT: ' 90 ' }],
])('reads %s', (_, entered) => {
  expect(readBundleSettings(definition, { ...env, ...entered })).toEqual({
    ...defaults,
    toolset: 'all',
    maxCallInMs: 90_000,
  });
});

it.each(['', ' ', `\${user_config.anything}`, undefined])(
  'takes the default for a setting of %j',
  (empty) => {
    const settings = {
      ROLECALL_TOOLS: empty,
      ROLECALL_CALL_TIMEOUT: empty,
      ROLECALL_ALLOW_DESTRUCTIVE: empty,
    };
    expect(readBundleSettings(definition, { ...env, ...settings })).toEqual(defaults);
  },
);

it.each([
  ['ROLECALL_TOOLS', 'everything', '`tools` must be read-only, everyday, all'],
  ['ROLECALL_CALL_TIMEOUT', '50s', '`callTimeout` must be a number from 5 to 3600'],
  ['ROLECALL_CALL_TIMEOUT', '-1', '`callTimeout` must be a number from 5 to 3600'],
])('rejects %s of %s, and names the setting', (variable, value, message) => {
  expect(() => readBundleSettings(definition, { ...env, [variable]: value })).toThrow(message);
});

it('advises a person in the words of where the server was started', () => {
  const { user_config: settings } = JSON.parse(bundleManifest(definition, '1.0.0'));
  const inBundle = bundleWords(definition);
  const advice = ({ longerCalls, longerRequests, allowDestructive }: StartWords): string =>
    [longerCalls, longerRequests, allowDestructive].join('\n');
  const texts = (words: StartWords): string =>
    [callTexts.stoppedStep(words), callTexts.tooSlow(words), confirmTexts.noClientStep(words)].join('\n');

  expect(advice(inBundle)).not.toContain('--');
  expect(texts(inBundle)).not.toContain('--');
  expect(texts(inBundle)).toContain(`"${settings.callTimeout.title}"`);
  expect(texts(inBundle)).toContain(`"${settings.allowDestructive.title}"`);
  expect(texts(commandLineWords).match(/--[a-z-]+/g)).toEqual([
    '--call-timeout',
    '--call-timeout',
    '--allow-destructive',
  ]);
});
