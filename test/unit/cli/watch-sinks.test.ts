import { mkdirSync } from 'node:fs';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../cli/errors.ts';
import { addSinkOptions } from '../../../cli/watch-options.ts';
import { openSinks, type SinkOptions } from '../../../cli/watch-sinks.ts';
import { definition } from '../../support/open-test-session.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
  process.env.TEST_WHSEC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
});

afterEach(() => {
  folder[Symbol.dispose]();
  delete process.env.TEST_WHSEC;
});

function open(...args: readonly string[]) {
  const command = addSinkOptions(new Command());
  const options = { ...command.parse(args, { from: 'user' }).opts(), set: [] } as unknown as SinkOptions;
  return openSinks(options, folder.file('a.state'), definition, () => undefined);
}

const signed = ['--to-secret-env', 'TEST_WHSEC'];

describe('openSinks', () => {
  it('uses the same name for the only sink, whatever it is', () => {
    const file = folder.file('events.jsonl');
    expect(open()).toEqual({ sink: expect.objectContaining({ deliver: expect.any(Function) }) });
    expect(open('--to-file', file)).toMatchObject({ sink: { origin: file } });
    expect(open('--to', 'https://a.example.com/x', ...signed)).toMatchObject({
      sink: { origin: 'https://a.example.com' },
    });
  });

  it('names several sinks for the hosts of their URLs and for their files, in any order', () => {
    const to = ['--to', 'https://a.example.com/x', '--to', 'https://b.example.com:8443/y?k=1', ...signed];
    const file = ['--to-file', folder.file('events.jsonl')];
    const names = ['a.example.com', 'b.example.com:8443', 'events.jsonl'];
    expect(Object.keys(open(...to, ...file))).toEqual(names);
    expect(Object.keys(open(...file, ...to))).toEqual(names);
  });

  it.each<readonly [string, () => readonly string[], string]>([
    [
      'two sinks of one name',
      () => ['--to', 'https://a.example.com/x', '--to', 'https://a.example.com/y', ...signed],
      'Two sinks would have the name a.example.com. Write a file for --config',
    ],
    ['a file that is the state', () => ['--to-file', folder.file('a.state')], 'is the state'],
    ['a file that is a folder', () => ['--to-file', folder.file('logs')], 'is not a file'],
    [
      'a file in a missing folder',
      () => ['--to-file', folder.file('none/events.jsonl')],
      'is in a folder that does not exist',
    ],
    ['a file without a path', () => ['--to-file', ''], 'is empty'],
  ])('rejects %s', (_, args, message) => {
    mkdirSync(folder.file('logs'));
    const opening = () => open(...args());
    expect(opening).toThrow(UsageError);
    expect(opening).toThrow(message);
  });
});
