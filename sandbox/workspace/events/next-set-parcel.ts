import { isJsonObject, type Json } from '../../../scim/json.ts';
import type { Parcel } from '../create-deliverer.ts';
import type { WorkspaceData } from '../open-workspace-data.ts';
import type { KeyRing } from './create-key-ring.ts';
import { signSet } from './sign-set.ts';

const acceptedStatus = 202;
// More than any code with its description needs.
const refusalLimitBytes = 4096;

/**
 * The next SET for the receiver (RFC 8935 §2); undefined when there is none, or no receiver. It is taken by a 202 and
 * by nothing else. A refusal (400 with an error code) is repeated, too: what comes after it would say nothing without
 * it, and most of its reasons, such as a wrong audience or key, can be put right.
 */
export function nextSetParcel(data: WorkspaceData, keyRing: KeyRing): Parcel | undefined {
  const { eventPushUrl, eventPushToken } = data.settings();
  const [pending] = eventPushUrl === null ? [] : data.outboxes.push.first(1);
  if (eventPushUrl === null || pending === undefined) return undefined;
  return {
    url: eventPushUrl,
    headers: {
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
      ...(eventPushToken !== null && { authorization: `Bearer ${eventPushToken}` }),
    },
    body: signSet(data, keyRing.current(), pending),
    faultOf,
    isCurrent: () => data.outboxes.push.get(pending.id) === pending.value,
    taken: () => data.outboxes.push.drop(pending.id),
  };
}

async function faultOf(response: Response): Promise<string | undefined> {
  const { status } = response;
  if (status === acceptedStatus) return undefined;
  const refusal = status === 400 ? readRefusal(await readStart(response)) : undefined;
  return refusal === undefined
    ? `The receiver answered ${status}; RFC 8935 wants ${acceptedStatus}.`
    : `The receiver refused it: ${refusal}`;
}

// RFC 8935 §2.3.
function readRefusal(text: string): string | undefined {
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(body) || typeof body.err !== 'string') return undefined;
  return typeof body.description === 'string' ? `${body.err}: ${body.description}` : body.err;
}

async function readStart({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > refusalLimitBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, refusalLimitBytes).toString();
}
