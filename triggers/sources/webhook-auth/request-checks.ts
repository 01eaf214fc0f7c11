import type { PushRequest } from '../source.ts';
import { RejectedRequest } from './responses.ts';

/** The largest message that is taken from a sender, in bytes: room for a group of ten thousand members. */
export const maxMessageBytes = 2 * 1024 * 1024;

/** How far the clock of a sender may be ahead of ours, in milliseconds. */
export const clockToleranceInMs = 5 * 60_000;

/** Refuses a request that is not made by this method, or whose body is larger than what is taken. */
export function requirePost({ method, headers, body }: PushRequest, allowed = 'POST'): void {
  if (method !== 'POST') {
    throw new RejectedRequest('invalid_request', {
      what: `The method is ${method.slice(0, 20)}, not POST.`,
      nextStep: 'Look whether the address was only opened in a browser; otherwise mend it at the sender.',
      status: 405,
      headers: { allow: allowed },
    });
  }
  if (body.length > maxMessageBytes) {
    throw new RejectedRequest('invalid_request', {
      what: `The body is larger than ${maxMessageBytes} bytes.`,
      nextStep: 'Let the sender send fewer events at once, or notices instead of whole resources.',
      status: 413,
    });
  }
  const encoding = onlyHeader({ headers }, 'content-encoding')?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    throw new RejectedRequest('invalid_request', {
      what: 'The body is compressed.',
      nextStep: 'Switch compression off at the sender.',
      status: 415,
    });
  }
}

/** The value of a header that may come once; undefined when it did not come. One that came twice says two things. */
export function onlyHeader({ headers }: Pick<PushRequest, 'headers'>, name: string): string | undefined {
  const values = headers[name] ?? [];
  if (values.length < 2) return values[0];
  throw new RejectedRequest('invalid_request', {
    what: `The header "${name}" came ${values.length} times.`,
    nextStep: 'Mend it at the sender, or at the proxy on the way.',
  });
}

/** Refuses a body whose `Content-Type` is not one of these. @param mayBeMissing whether saying nothing is taken. */
export function requireMediaType(
  request: PushRequest,
  allowed: readonly string[],
  mayBeMissing: boolean,
): void {
  const given = onlyHeader(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (given === undefined ? mayBeMissing : allowed.includes(given)) return;
  throw new RejectedRequest('invalid_request', {
    what: `The "Content-Type" is not ${allowed.join(' or ')}.`,
    nextStep: 'Check that the sender is set up for this source.',
    status: 415,
  });
}
