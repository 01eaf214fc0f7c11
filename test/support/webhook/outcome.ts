import { expect } from 'vitest';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { Received } from '../../../triggers/sources/source.ts';

/** The events of a message that must have been taken. */
export function eventsOf(received: Received): readonly ProvisioningEvent[] {
  if (received.kind === 'refused') throw new Error(`It was refused: ${received.reason.message}`);
  return received.events;
}

/** How a message was rejected: the status, and the word for it. */
export function refusalOf(received: Received): readonly [status: number, err: string | undefined] {
  if (received.kind === 'accepted') throw new Error(`It was taken: ${JSON.stringify(received.events)}`);
  const { status, body } = received.reply;
  return [status, body === '' ? undefined : (JSON.parse(body) as { err: string }).err];
}

/** What an event tells, in short: `deactivate User 2819c223 active: ? → false`. */
export function inShort({ type, resource, subject, changes, data, cause }: ProvisioningEvent): string {
  const reported = changes.map(
    ({ path, from, to, fromKnown, toKnown }) =>
      `${path}: ${fromKnown ? JSON.stringify(from) : '?'} → ${toKnown ? JSON.stringify(to) : '?'}`,
  );
  const parts = [type, resource, subject.id, ...(reported.length > 0 ? [`{${reported.join(', ')}}`] : [])];
  if (data !== null) parts.push('with data');
  if (cause !== null) parts.push(`by ${cause}`);
  return parts.join(' ');
}

/** What the events of a message tell, in short. */
export function reportedBy(received: Received): readonly string[] {
  return eventsOf(received).map(inShort);
}

/** Holds a response against RFC 8935 §2.2 and §2.3. */
export function expectAnswerOfRfc8935(received: Received): void {
  const { status, headers, body } = received.reply;
  if (received.kind === 'accepted') {
    expect({ status, headers, body }).toEqual({ status: 202, headers: {}, body: '' });
    return;
  }
  if (status === 503) {
    expect(body).toBe('');
    expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    return;
  }
  expect(headers['content-type']).toBe('application/json');
  expect(headers['content-language']).toBe('en');
  expect(JSON.parse(body)).toEqual({
    err: expect.stringMatching(
      /^(invalid_request|invalid_key|invalid_issuer|invalid_audience|authentication_failed)$/,
    ),
    description: expect.stringMatching(/^[A-Z].*\.$/),
  });
}
