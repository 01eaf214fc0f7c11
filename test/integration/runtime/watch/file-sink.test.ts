import { mkdirSync, readFileSync, renameSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fileSink, streamSink } from '../../../../runtime/node/sinks.ts';
import { webhookUrlProblem } from '../../../../runtime/watch/webhook-sink.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
const never = new AbortController().signal;
const entry = (position: number) => ({ position, text: `{"event":${position}}` });

beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('events.jsonl');
});

afterEach(() => folder[Symbol.dispose]());

it('appends a line for each event to a file that only its owner can read', async () => {
  const sink = fileSink(file);
  await sink.deliver([entry(1), entry(2)], never);
  await sink.deliver([entry(3)], never);
  expect(readFileSync(file, 'utf8')).toBe('{"event":1}\n{"event":2}\n{"event":3}\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('completes the line in which an earlier process was killed', async () => {
  writeFileSync(file, '{"event":1}\n{"ev');
  await fileSink(file).deliver([entry(2)], never);
  expect(readFileSync(file, 'utf8')).toBe('{"event":1}\n{"ev\n{"event":2}\n');
});

it('goes on in a new file once the file was moved', async () => {
  const sink = fileSink(file);
  await sink.deliver([entry(1)], never);
  renameSync(file, `${file}.1`);
  await sink.deliver([entry(2)], never);
  expect(readFileSync(`${file}.1`, 'utf8')).toBe('{"event":1}\n');
  expect(readFileSync(file, 'utf8')).toBe('{"event":2}\n');
});

it('fails with a transient error while the file cannot be written, and goes on after that', async () => {
  const sink = fileSink(file);
  mkdirSync(file);
  expect(await failureOf(sink.deliver([entry(1)], never))).toMatchObject({
    code: 'unavailable',
    transient: true,
    message: expect.stringContaining(`cannot be written to ${file}`),
  });
  rmdirSync(file);
  await sink.deliver([entry(1)], never);
  expect(readFileSync(file, 'utf8')).toBe('{"event":1}\n');
});

it('posts over plain http to another machine only if that is allowed', () => {
  expect(webhookUrlProblem('http://10.0.0.7/hook')).toBe('unencrypted');
  expect(webhookUrlProblem('http://10.0.0.7/hook', () => false)).toBeUndefined();
  expect(webhookUrlProblem('http://192.0.2.7/hook', () => true)).toBe('public');
  expect(webhookUrlProblem('ftp://10.0.0.7/hook', () => false)).toBe('unencrypted');
  expect(webhookUrlProblem('http://ada:secret@10.0.0.7/hook', () => false)).toBe('credentials');
});

it('writes nothing to a stream once the delivery is aborted, and does not wait for the stream', async () => {
  const write = vi.fn();
  const sink = streamSink({ write, on: () => undefined });
  const reason = new Error('The watch ends.');
  await expect(sink.deliver([], AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(write).not.toHaveBeenCalled();
});
