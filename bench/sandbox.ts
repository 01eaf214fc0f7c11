// Measures the sandbox against scimmy-routers over real HTTP, each server in a separate process, in turns.
// Use: node bench/sandbox.ts [PAIRS]      prints create-and-patch pairs per second, and the cost of a lookup
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const pairs = Number(process.argv[2] ?? 6000);
const connections = 8;
const token = 'bench';
const coreUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface Served {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/** Starts a server in a separate process. */
function serve(kind: 'sandbox' | 'scimmy', ...args: readonly string[]): Promise<Served> {
  const script = kind === 'scimmy' ? './scimmy-server.js' : './sandbox-server.ts';
  const child = fork(new URL(script, import.meta.url), [token, ...args]);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The ${kind} server ended with code ${code}`)));
    child.once('message', (baseUrl) => {
      child.removeAllListeners('exit');
      const stopped = new Promise<void>((done) => child.once('exit', () => done()));
      resolve({
        baseUrl: String(baseUrl),
        stop: () => {
          child.disconnect();
          return stopped;
        },
      });
    });
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A keep-alive connection with minimal overhead, so that the benchmark measures the server. */
class Client {
  readonly #socket: Socket;
  readonly #base: URL;
  #received = '';
  #settle: ((answer: Answer) => void) | undefined;

  constructor(baseUrl: string) {
    this.#base = new URL(baseUrl);
    this.#socket = connect(Number(this.#base.port), this.#base.hostname);
    this.#socket.setNoDelay(true);
    // latin1 keeps one character for each byte, as content-length counts them.
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => this.#receive(chunk));
  }

  send(method: string, path: string, body = ''): Promise<Answer> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#socket.write(
        `${method} ${this.#base.pathname}${path} HTTP/1.1\r\nhost: ${this.#base.host}\r\n` +
          `authorization: Bearer ${token}\r\ncontent-type: application/scim+json\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#received.slice(0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    const body = this.#received.slice(end + 4, end + 4 + length);
    this.#received = this.#received.slice(end + 4 + length);
    this.#settle?.({ status: Number(head.slice(9, 12)), body });
  }
}

function user(nth: number): string {
  return JSON.stringify({
    schemas: [coreUrn],
    userName: `user${nth}@example.com`,
    externalId: `00u${nth}`,
    name: { givenName: 'Given', familyName: `Family${nth}` },
    emails: [{ value: `user${nth}@example.com`, type: 'work', primary: true }],
    active: true,
  });
}

const deactivate = JSON.stringify({
  schemas: [patchUrn],
  Operations: [{ op: 'replace', value: { active: false } }],
});

/** Creates users and deactivates each; returns the pairs per second. */
async function createAndPatch(baseUrl: string, count: number, first: number): Promise<number> {
  let next = first;
  const work = async (client: Client): Promise<void> => {
    while (next < first + count) {
      const nth = next;
      next += 1;
      const created = await client.send('POST', '/Users', user(nth));
      const id = /"id":"([^"]+)"/.exec(created.body)?.[1];
      const patched = await client.send('PATCH', `/Users/${id}`, deactivate);
      if (created.status !== 201 || patched.status !== 200 || !patched.body.includes('"active":false')) {
        throw new Error(`${created.status} ${created.body}, then ${patched.status} ${patched.body}`);
      }
    }
  };
  const clients = Array.from({ length: connections }, () => new Client(baseUrl));
  const began = performance.now();
  await Promise.all(clients.map(work));
  const seconds = (performance.now() - began) / 1000;
  for (const client of clients) client.close();
  return count / seconds;
}

async function lookUpCost(baseUrl: string, users: number): Promise<number> {
  const client = new Client(baseUrl);
  const rounds = 2000;
  let began = 0;
  for (let round = -500; round < rounds; round += 1) {
    if (round === 0) began = performance.now();
    const nth = Math.abs(round * 7919) % users;
    const filter = encodeURIComponent(`userName eq "USER${nth}@example.com"`);
    const { body } = await client.send('GET', `/Users?filter=${filter}`);
    if (!body.includes('"totalResults":1')) throw new Error(body);
  }
  const micros = ((performance.now() - began) * 1000) / rounds;
  client.close();
  return micros;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

async function measure(...server: Parameters<typeof serve>): Promise<number> {
  const served = await serve(...server);
  await createAndPatch(served.baseUrl, 1000, 0);
  const rates: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    rates.push(await createAndPatch(served.baseUrl, pairs / 3, 1000 + turn * pairs));
  }
  await served.stop();
  return median(rates);
}

const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-'));
try {
  const scimmy = await measure('scimmy');
  const memory = await measure('sandbox');
  const durable = await measure('sandbox', join(folder, 'pairs.db'));
  const show = (name: string, rate: number): void =>
    console.log(
      `${name.padEnd(28)} ${rate.toFixed(0).padStart(7)} pairs/s   ${(rate / scimmy).toFixed(1)} × scimmy-routers`,
    );
  show('scimmy-routers, in memory', scimmy);
  show('sandbox, in memory', memory);
  show('sandbox, with dbFile', durable);

  const costs: number[] = [];
  for (const users of [100, 100_000]) {
    const served = await serve('sandbox');
    await createAndPatch(served.baseUrl, users, 0);
    const micros = await lookUpCost(served.baseUrl, users);
    costs.push(micros);
    console.log(`userName lookup among ${String(users).padStart(6)} users: ${micros.toFixed(0)} µs`);
    await served.stop();
  }
  console.log(`ratio ${((costs[1] ?? 0) / (costs[0] ?? 1)).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true });
}
