import type { Tracer } from '@opentelemetry/api';
import type { WatchObserver } from '../watch/watch-observer.ts';

/**
 * Creates an observer that records polls and deliveries as spans of OpenTelemetry. Undefined if `@opentelemetry/api` is
 * not installed. Without an SDK, which the process loads by itself (`NODE_OPTIONS=--import`), the spans go nowhere.
 */
export async function createWatchTraces(version: string): Promise<WatchObserver | undefined> {
  const api = await import('@opentelemetry/api').catch(() => undefined);
  return api && traceWith(api.trace.getTracer('rolecall', version), api.SpanStatusCode.ERROR);
}

/** The observer of a tracer. @param errorStatus the code of a span that failed */
function traceWith(tracer: Tracer, errorStatus: number): WatchObserver {
  /** Records something that has ended just now. */
  const record = (
    name: string,
    durationInMs: number,
    attributes: Readonly<Record<string, string | number>>,
    problem?: string,
  ): void => {
    const span = tracer.startSpan(name, { startTime: Date.now() - durationInMs, attributes });
    if (problem !== undefined) span.setStatus({ code: errorStatus, message: problem });
    span.end();
  };
  return (seen) => {
    if (seen.kind === 'poll_finished') {
      const { origin, events, durationInMs } = seen;
      record('rolecall.poll', durationInMs, { 'rolecall.origin': origin, 'rolecall.events': events });
    } else if (seen.kind === 'poll_failed') {
      const { origin, code, message, durationInMs } = seen;
      record('rolecall.poll', durationInMs, { 'rolecall.origin': origin, 'error.type': code }, message);
    } else if (seen.kind === 'delivered') {
      const { sink, events, durationInMs } = seen;
      record('rolecall.delivery', durationInMs, { 'rolecall.sink': sink, 'rolecall.events': events });
    } else if (seen.kind === 'delivery_failed') {
      const { sink, code, message } = seen;
      record('rolecall.delivery', 0, { 'rolecall.sink': sink, 'error.type': code }, message);
    }
  };
}
