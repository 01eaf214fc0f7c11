import { timeOut, tooLarge, transportErrorOf } from '../../connector/http/transport-error.ts';
import type { HttpRequest, HttpResponse, Platform } from '../../connector/platform.ts';
import { faultTable } from '../faults/fault-table.ts';
import type { Fault } from './fault.ts';

/** The faults of the table of faults, each once. */
export function uniqueFaults(): readonly Fault[] {
  const known = new Map<string, Fault>();
  for (const { fault } of faultTable) {
    const parts = { ...fault, headers: fault.kind === 'answer' ? fault.headers?.(0) : undefined };
    known.set(JSON.stringify(parts), fault);
  }
  return [...known.values()];
}

/**
 * What a fault makes of a request, without a network.
 *
 * @param act - what the other side answers if nothing goes wrong
 * @throws TransportError
 */
export async function playFault(
  fault: Fault,
  { timeoutInMs, maxResponseBytes }: HttpRequest,
  act: () => Partial<HttpResponse>,
  { now, sleep }: Pick<Platform, 'now' | 'sleep'>,
): Promise<Partial<HttpResponse>> {
  const answer = fault.acts ? act() : { status: 200, body: '{}' };
  switch (fault.kind) {
    case 'answer':
      return { status: fault.status, headers: fault.headers?.(now()) ?? {}, body: fault.body ?? '' };
    case 'padded':
      throw transportErrorOf(tooLarge, maxResponseBytes);
    case 'cut':
      if (fault.how !== 'json') throw transportErrorOf('ECONNABORTED', maxResponseBytes);
      return { ...answer, body: (answer.body ?? '').slice(0, (answer.body ?? '').length / 2) };
    case 'reset':
      throw transportErrorOf('ECONNRESET', maxResponseBytes);
    case 'silent':
    case 'trickle':
      await sleep(timeoutInMs);
      throw timeOut(timeoutInMs);
  }
}
