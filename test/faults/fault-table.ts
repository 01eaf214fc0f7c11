import type { ErrorCode } from '../../runtime/index.ts';
import type { Fault } from '../support/fault.ts';
import type { FaultedKey } from './actions-under-fault.ts';

/** What becomes of an action: it is done, or it fails with a code. */
export type Outcome = 'done' | ErrorCode;

/** One fault, and what is expected of every action that meets it. */
export interface FaultRow {
  readonly name: string;
  readonly fault: Fault;
  /** Whether it strikes the first of the action's main requests, or each of them. */
  readonly strikes: 'once' | 'always';
  readonly expected: Outcome;
  /** Where an action fares otherwise than the others. */
  readonly except?: Partial<Readonly<Record<FaultedKey, Outcome>>>;
}

/** The answer of a provider that fails, with the token in it wherever it could be. */
const failure = (
  status: number,
  headers: (nowInMs: number) => Record<string, string> = () => ({}),
): Fault => ({
  kind: 'answer',
  acts: false,
  status,
  headers: (nowInMs) => ({ 'content-type': 'application/scim+json', ...headers(nowInMs) }),
  body: JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    detail: 'No.',
  }),
});
const page = (status: number, acts = false): Fault => ({
  kind: 'answer',
  acts,
  status,
  headers: () => ({ 'content-type': 'text/html' }),
  body: '<!DOCTYPE html><title>Sign in</title>',
});
const empty = (status: number): Fault => ({ kind: 'answer', acts: true, status });
const after = (ms: number) => (nowInMs: number) => ({ 'retry-after': new Date(nowInMs + ms).toUTCString() });

/** A lost response to /Bulk, or a rejection of it, sends the rows one by one. */
const bulkGetsBy = { bulk_users: 'done' } as const;
/** A create looks for the user whom it may have made, whatever became of the response. */
const createsLook = {
  create_user: 'done',
  upsert_user: 'done',
  bulk_users: 'done',
  delete_user: 'done',
} as const;

/** The table of faults. */
export const faultTable: readonly FaultRow[] = [
  {
    name: '429 with seconds',
    fault: failure(429, () => ({ 'retry-after': '2' })),
    strikes: 'once',
    expected: 'done',
  },
  { name: '429 with a date', fault: failure(429, after(3_000)), strikes: 'once', expected: 'done' },
  { name: '429 with a date gone by', fault: failure(429, after(-60_000)), strikes: 'once', expected: 'done' },
  { name: '429 without a word', fault: failure(429), strikes: 'once', expected: 'done' },
  {
    name: '429 with a wait beyond the budget',
    fault: failure(429, () => ({ 'retry-after': '3600' })),
    strikes: 'always',
    expected: 'rate_limited',
  },
  {
    name: '429 forever',
    fault: failure(429, () => ({ 'retry-after': '1' })),
    strikes: 'always',
    expected: 'rate_limited',
    except: bulkGetsBy,
  },
  ...[500, 502, 503, 504].map((status) => ({
    name: `${status} before the provider acted`,
    fault: failure(status),
    strikes: 'once' as const,
    expected: 'done' as const,
  })),
  ...[500, 502, 503, 504].map((status) => ({
    name: `${status} after the provider acted`,
    fault: { ...failure(status), acts: true },
    strikes: 'once' as const,
    expected: 'done' as const,
  })),
  {
    name: '503 forever',
    fault: failure(503),
    strikes: 'always',
    expected: 'unavailable',
    except: bulkGetsBy,
  },
  {
    name: '503 forever, although the provider processes the request',
    fault: { ...failure(503), acts: true },
    strikes: 'always',
    expected: 'unavailable',
    except: createsLook,
  },
  {
    name: 'a reset before the provider acted',
    fault: { kind: 'reset', acts: false },
    strikes: 'once',
    expected: 'done',
  },
  {
    name: 'a reset after the provider acted',
    fault: { kind: 'reset', acts: true },
    strikes: 'once',
    expected: 'done',
  },
  {
    name: 'a reset every time, though the provider acts',
    fault: { kind: 'reset', acts: true },
    strikes: 'always',
    expected: 'unavailable',
    except: createsLook,
  },
  ...(['length', 'chunked', 'json'] as const).flatMap((how) => [
    {
      name: `a body cut short (${how})`,
      fault: { kind: 'cut', how, acts: true } as const,
      strikes: 'once' as const,
      expected: 'done' as const,
    },
  ]),
  {
    name: 'a body that trickles',
    fault: { kind: 'trickle', acts: true },
    strikes: 'once',
    expected: 'done',
  },
  {
    name: 'no answer, though the provider acted',
    fault: { kind: 'silent', acts: true },
    strikes: 'once',
    expected: 'done',
  },
  {
    name: 'no answer from a provider that did nothing',
    fault: { kind: 'silent', acts: false },
    strikes: 'once',
    expected: 'done',
  },
  {
    name: '204',
    fault: empty(204),
    strikes: 'once',
    expected: 'done',
    except: { get_user: 'provider_fault' },
  },
  {
    name: 'an empty 200',
    fault: empty(200),
    strikes: 'once',
    expected: 'done',
    except: { get_user: 'provider_fault' },
  },
  {
    name: 'a web page with 200',
    fault: page(200),
    strikes: 'once',
    expected: 'provider_fault',
    except: bulkGetsBy,
  },
  {
    name: 'a web page with 200, though the provider acted',
    fault: page(200, true),
    strikes: 'once',
    expected: 'provider_fault',
    except: createsLook,
  },
  { name: 'a web page with 502', fault: page(502), strikes: 'once', expected: 'done' },
  {
    name: 'a web page with 403',
    fault: page(403),
    strikes: 'once',
    expected: 'forbidden',
    except: bulkGetsBy,
  },
  {
    name: 'a web page with 404',
    fault: page(404),
    strikes: 'once',
    expected: 'provider_fault',
    except: bulkGetsBy,
  },
  { name: '403', fault: failure(403), strikes: 'always', expected: 'forbidden', except: bulkGetsBy },
  { name: '401', fault: failure(401), strikes: 'always', expected: 'auth' },
  {
    name: 'a response that exceeds the size limit',
    fault: { kind: 'padded', bytes: 100_000, acts: true },
    strikes: 'always',
    expected: 'provider_fault',
    // The sandbox answers this with 204, which has nothing to be too large.
    except: { ...createsLook, add_group_members: 'done' },
  },
];
