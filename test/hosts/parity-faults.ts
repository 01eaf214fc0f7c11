import type { Connector } from '../../runtime/index.ts';
import type { Fault, SeenRequest } from '../support/fault.ts';
import type { actionColumns } from './parity-table.ts';

/** What becomes of an action whose requests go wrong. {@link populate} has prepared the provider. */
export interface FaultStory {
  readonly key: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The request that goes wrong. */
  readonly isMain: (request: SeenRequest) => boolean;
  /** What happens to it. */
  readonly fault: Fault;
  /** How often. The requests after that succeed. */
  readonly times: number;
  /** The code of the error; undefined if the action succeeds. */
  readonly code?: string;
  /** How often the request is sent; undefined where that depends on time. */
  readonly sent?: number;
  /** Whether the provider has what was asked for in the end. */
  readonly isDone: (world: Connector) => Promise<boolean>;
}

const newUser = { userName: 'new@example.com', title: 'Analyst' };
const ada = { userName: 'ada@example.com' };

const is =
  (method: string, path: string) =>
  (request: SeenRequest): boolean =>
    request.method === method && request.path.startsWith(`/scim/v2${path}`);

const failure = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'answer',
  acts: false,
  status,
  headers: () => ({ 'content-type': 'application/scim+json', ...headers }),
  body: JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: `${status}` }),
});
const page: Fault = {
  kind: 'answer',
  acts: false,
  status: 200,
  headers: () => ({ 'content-type': 'text/html' }),
  body: '<!DOCTYPE html><title>Sign in</title>',
};

const create = {
  key: 'create_user',
  input: newUser,
  isMain: is('POST', '/Users'),
  // A duplicate would be another one.
  async isDone({ actions }) {
    return (await actions.search_users(newUser)).totalResults === 1;
  },
} satisfies Partial<FaultStory>;
const deactivate = {
  key: 'deactivate_user',
  input: { user: ada },
  isMain: is('PATCH', '/Users/'),
  async isDone({ actions }) {
    return (await actions.get_user({ user: ada })).active === false;
  },
} satisfies Partial<FaultStory>;
const get = {
  key: 'get_user',
  input: { user: ada },
  isMain: is('GET', '/Users'),
  isDone: async () => false,
} satisfies Partial<FaultStory>;

const always = Number.POSITIVE_INFINITY;

/** The column that has a story of a fault. */
export type FaultColumn = Exclude<(typeof actionColumns)[number], 'outputs' | 'errors' | 'rows'>;

/** The stories of faults, by their columns. */
export const faultStories: Readonly<Record<FaultColumn, FaultStory>> = {
  throttled: { ...create, fault: failure(429, { 'retry-after': '1' }), times: 1, sent: 2 },
  recovering: { ...deactivate, fault: failure(500), times: 2, sent: 3 },
  unavailable: { ...create, fault: failure(503), times: always, code: 'unavailable' },
  // Zapier's client notices a body that is shorter than its length only when the time is up.
  cut: { ...create, fault: { kind: 'cut', how: 'chunked', acts: true }, times: 1, sent: 1 },
  webPage: { ...create, fault: page, times: always, code: 'provider_fault', sent: 1 },
  revoked: { ...deactivate, fault: failure(401), times: always, code: 'auth', sent: 1 },
  lost: { ...create, fault: { kind: 'reset', acts: true }, times: 1, sent: 1 },
  silent: { ...get, fault: { kind: 'silent', acts: false }, times: always, code: 'unavailable' },
  payload: {
    ...get,
    fault: { kind: 'padded', bytes: 100_000, acts: true },
    times: always,
    code: 'provider_fault',
    sent: 1,
  },
};

/** A 429 that asks for a wait, which an action takes if its time allows it. */
export function throttledFor(waitInMs: number): FaultStory {
  const fault = failure(429, { 'retry-after': `${waitInMs / 1_000}` });
  return { ...get, fault, times: 1, sent: 1 };
}
