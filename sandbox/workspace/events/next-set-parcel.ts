import { isJsonObject, type Json } from '../../../scim/json.ts';
import type { Parcel } from '../create-deliverer.ts';
import type { WorkspaceData } from '../open-workspace-data.ts';
import type { KeyRing } from './create-key-ring.ts';
import { signSet } from './sign-set.ts';

const acceptedStatus = 202;
// More than an error code with a description needs.
const refusalLimitBytes = 4096;

/**
 * The next SET for the receiver (RFC 8935 §2); undefined if there is no SET or no receiver. Only a 202 accepts
 * it. A rejection (400 with an error code) is also retried: later SETs are meaningless without
 * it, and most causes, such as a wrong audience or key, can be corrected.
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
    ? `The receiver answered ${status}; RFC 8935 requires ${acceptedStatus}.`
    : `The receiver rejected it: ${refusal}`;
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
