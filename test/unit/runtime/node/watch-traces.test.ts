import { trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, it } from 'vitest';
import { createWatchTraces } from '../../../../runtime/node/watch-traces.ts';

afterEach(() => trace.disable());

it('records polls and deliveries as spans if an SDK is present', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  const observe = await createWatchTraces('1.2.3');
  const failure = { code: 'unavailable', message: 'It is down.', failures: 1, waitInMs: 1 } as const;
  observe?.({ kind: 'poll_started', origin: 'poll/a' });
  observe?.({ kind: 'poll_finished', origin: 'poll/a', durationInMs: 1500, events: 2 });
  observe?.({
    kind: 'poll_failed',
    origin: 'poll/a',
    durationInMs: 5,
    needsAdministrator: false,
    ...failure,
  });
  observe?.({ kind: 'delivered', sink: 'audit', events: 2, durationInMs: 5 });
  observe?.({ kind: 'delivery_failed', sink: 'audit', ...failure });
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name, attributes, status }) => [name, attributes, status.message])).toEqual([
    ['rolecall.poll', { 'rolecall.origin': 'poll/a', 'rolecall.events': 2 }, undefined],
    ['rolecall.poll', { 'rolecall.origin': 'poll/a', 'error.type': 'unavailable' }, 'It is down.'],
    ['rolecall.delivery', { 'rolecall.sink': 'audit', 'rolecall.events': 2 }, undefined],
    ['rolecall.delivery', { 'rolecall.sink': 'audit', 'error.type': 'unavailable' }, 'It is down.'],
  ]);
  const [{ duration: [seconds = 0] = [] } = {}] = spans;
  expect(seconds).toBe(1);
});

it('does nothing without an SDK', async () => {
  const observe = await createWatchTraces('1.2.3');
  expect(() => observe?.({ kind: 'delivered', sink: 'a', events: 1, durationInMs: 1 })).not.toThrow();
});
