import { Agent, request } from 'node:http';
import axios from 'axios';
import { Pool } from 'undici';
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

/** Bare axios over kept-alive connections. */
export function bareAxios({ baseUrl, token }: SandboxProcess): Contestant {
  const httpAgent = keepAliveAgent();
  const http = axios.create({ baseURL: baseUrl, httpAgent, headers: headersWith(token) });
  return {
    create: async (name) => (await http.post<AnsweredUser>('/Users', personBody(name))).data,
    get: async (id) => (await http.get<AnsweredUser>(`/Users/${id}`)).data,
    close: () => httpAgent.destroy(),
  };
}

/** Bare `node:http` over kept-alive connections. */
export function bareHttp({ baseUrl, token }: SandboxProcess): Contestant {
  const agent = keepAliveAgent();
  const headers = headersWith(token);
  const send = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<AnsweredUser> =>
    new Promise((resolve, reject) => {
      const sent = request(`${baseUrl}${path}`, { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as AnsweredUser));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    create: (name) => send('POST', '/Users', personBody(name)),
    get: (id) => send('GET', `/Users/${id}`),
    close: () => agent.destroy(),
  };
}

/** Bare undici, by its pool of connections. */
export function undiciPool({ baseUrl, token }: SandboxProcess): Contestant {
  const { origin, pathname } = new URL(baseUrl);
  const pool = new Pool(origin, { connections: concurrency });
  const headers = headersWith(token);
  const send = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<AnsweredUser> => {
    const response = await pool.request({
      method,
      path: `${pathname}${path}`,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.body.json()) as AnsweredUser;
  };
  return {
    create: (name) => send('POST', '/Users', personBody(name)),
    get: (id) => send('GET', `/Users/${id}`),
    close: () => void pool.close(),
  };
}

function keepAliveAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: concurrency, maxFreeSockets: concurrency });
}

function headersWith(token: string): Record<string, string> {
  return {
    accept: 'application/scim+json, application/json;q=0.9',
    authorization: `Bearer ${token}`,
    'content-type': 'application/scim+json',
    'user-agent': 'rolecall',
  };
}
