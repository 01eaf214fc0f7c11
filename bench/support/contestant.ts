import { Agent } from 'node:http';
import axios from 'axios';
import { createConnector } from '../../runtime/index.ts';
import { personBody, personInput } from './person.ts';
import type { SandboxProcess } from './start-sandbox-process.ts';

/** One way to do the work: the same requests with the same bodies, every response parsed. */
export interface Contestant {
  /** Creates a person, and returns the user from the response. */
  create(name: string): Promise<AnsweredUser>;
  get(id: string): Promise<AnsweredUser>;
  /** Closes its connections. */
  close(): void;
}

/** The part of a response that is read. */
export interface AnsweredUser {
  readonly id: string;
  readonly userName?: string;
}

/** The largest number of concurrent requests in any measurement. */
export const concurrency = 32;

/** Rolecall, used as a library. */
export function rolecall({ baseUrl, token }: SandboxProcess): Contestant {
  const { actions, close } = createConnector({ baseUrl, token, concurrency });
  return {
    create: (name) => actions.create_user(personInput(name)),
    get: (id) => actions.get_user({ user: { id } }),
    close,
  };
}

/**
 * Bare axios over kept-alive connections. `maxRedirects: 0` bypasses the follow-redirects package, which
 * is faster than the default.
 */
export function bareAxios(
  { baseUrl, token }: SandboxProcess,
  options: { readonly maxRedirects?: 0 } = {},
): Contestant {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency });
  const http = axios.create({
    ...options,
    baseURL: baseUrl,
    httpAgent,
    headers: {
      accept: 'application/scim+json, application/json;q=0.9',
      authorization: `Bearer ${token}`,
      'content-type': 'application/scim+json',
      'user-agent': 'rolecall',
    },
  });
  return {
    create: async (name) => (await http.post<AnsweredUser>('/Users', personBody(name))).data,
    get: async (id) => (await http.get<AnsweredUser>(`/Users/${id}`)).data,
    close: () => httpAgent.destroy(),
  };
}
