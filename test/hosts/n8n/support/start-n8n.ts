import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import type { N8nHome } from './n8n-home.ts';
import { until } from './until.ts';
import type { Workflow } from './workflow.ts';

/** How one execution ended, as a person sees it in the editor. */
export interface Execution {
  readonly id: string;
  readonly status: string;
  readonly data: ExecutionData;
}

/** The data of an execution. */
export interface ExecutionData {
  readonly resultData: {
    readonly error?: NodeErrorData;
    readonly runData: Readonly<Record<string, readonly NodeRun[]>>;
  };
}

/** One run of a node. */
export interface NodeRun {
  readonly executionStatus: string;
  /** How long the node ran, in milliseconds. */
  readonly executionTime: number;
  readonly error?: NodeErrorData;
  readonly data?: { readonly main: readonly (readonly Item[] | null)[] };
}

/** One item between nodes. */
export interface Item {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into items of every form
  readonly json: any;
  readonly pairedItem?: unknown;
  readonly error?: NodeErrorData;
}

/** An error as n8n keeps it. */
export interface NodeErrorData {
  readonly name: string;
  readonly message: string;
  readonly description?: string;
  readonly httpCode?: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** n8n, with someone logged in. */
export interface RunningN8n {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** The address of a webhook of a published workflow. */
  webhookUrl(path: string): string;
  /** The person who is logged in, for a browser. */
  readonly owner: { readonly email: string; readonly password: string };
  /** Saves a workflow that was imported, and runs it from its trigger, as the editor does. */
  run(workflow: Workflow): Promise<Execution>;
  /** The executions of a workflow that are over, oldest first. */
  executions(workflowId: string): Promise<readonly Execution[]>;
  /** Asks n8n's own interface. */
  rest(method: string, path: string, body?: unknown): Promise<unknown>;
  readonly child: Child;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Many items take minutes on a busy machine. The timeouts of the tests are the limit. */
const executionTimeoutInMs = 580_000;

const owner = { email: 'owner@example.com', password: 'A-password-1', firstName: 'Olive', lastName: 'Owner' };

/** Starts n8n over a data folder, sets up its owner if it has no owner yet, and logs in. */
export async function startN8n(home: N8nHome, env: NodeJS.ProcessEnv = {}): Promise<RunningN8n> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = startChild(home.command, ['start'], {
    env: {
      ...home.env,
      N8N_PORT: String(port),
      WEBHOOK_URL: `${url}/`,
      N8N_RUNNERS_BROKER_PORT: String(await freePort()),
      ...env,
    },
  });
  let cookie = '';
  const send = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${url}/rest${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'browser-id': 'tests',
        // n8n closes idle connections after 5 s: on a busy machine, just when the next request is sent.
        connection: 'close',
        ...(cookie !== '' && { cookie }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const rest = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    // A busy n8n that is late to ask its database counts it as lost for some seconds, and handles no request.
    const response = await until(`${method} ${path}`, async () => {
      const answer = await send(method, path, body);
      return answer.status === 503 ? undefined : answer;
    });
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) cookie = set.split(';')[0] ?? '';
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return (JSON.parse(text) as { data: unknown }).data;
  };
  const logIn = async (): Promise<unknown> => {
    const { userManagement } = (await rest('GET', '/settings')) as {
      userManagement: { showSetupOnFirstLoad: boolean };
    };
    if (userManagement.showSetupOnFirstLoad) return rest('POST', '/owner/setup', owner);
    return rest('POST', '/login', { emailOrLdapLoginId: owner.email, password: owner.password });
  };
  try {
    await until(
      'the login of n8n',
      async () => (child.process.exitCode === null ? logIn().catch(() => undefined) : false),
      180_000,
    );
    if (cookie === '') throw new Error(`It ended with ${child.process.exitCode}`);
  } catch (error) {
    await child.stop('SIGKILL');
    throw new Error(`n8n did not start:\n${child.output()}`, { cause: error });
  }

  const execution = async (id: string): Promise<Execution> => {
    const kept = (await rest('GET', `/executions/${id}`)) as { status: string; data: string };
    return { id, status: kept.status, data: unflatten(kept.data) as ExecutionData };
  };
  const summaries = async (workflowId: string): Promise<readonly { id: string; status: string }[]> => {
    const filter = encodeURIComponent(JSON.stringify({ workflowId }));
    const { results } = (await rest('GET', `/executions?filter=${filter}&limit=100`)) as {
      results: readonly { id: string; status: string }[];
    };
    return results;
  };
  return {
    url,
    owner,
    webhookUrl: (path) => `${url}/webhook/${path}`,
    rest,
    async run(workflow) {
      const trigger = workflow.nodes.find(({ type }) => /trigger$/i.test(type));
      // n8n runs what is saved.
      await rest('PATCH', `/workflows/${workflow.id}`, {
        nodes: workflow.nodes,
        connections: workflow.connections,
      });
      const { executionId } = (await rest('POST', `/workflows/${workflow.id}/run`, {
        triggerToStartFrom: { name: trigger?.name },
      })) as { executionId: string };
      // The list is without the data, which would cost n8n more than the execution of many items.
      const ended = async (): Promise<Execution | undefined> => {
        const all = await summaries(workflow.id);
        return all.some(({ id, status }) => id === executionId && isOver(status))
          ? execution(executionId)
          : undefined;
      };
      return until(`the end of execution ${executionId}`, ended, executionTimeoutInMs);
    },
    async executions(workflowId) {
      const over = (await summaries(workflowId)).filter(({ status }) => isOver(status));
      return Promise.all(over.toReversed().map(({ id }) => execution(id)));
    },
    child,
    stop: child.stop,
  };
}

function isOver(status: string): boolean {
  return !['new', 'running', 'waiting'].includes(status);
}

/** Executions are kept as a list of values, which name one another by their places in it. */
function unflatten(text: string): unknown {
  const values = JSON.parse(text) as readonly unknown[];
  const known = new Map<string, unknown>();
  const follow = (place: unknown): unknown => {
    if (typeof place !== 'string') return place;
    const value = values[Number(place)];
    if (typeof value !== 'object' || value === null) return value;
    if (known.has(place)) return known.get(place);
    if (Array.isArray(value)) {
      const list: unknown[] = [];
      known.set(place, list);
      list.push(...value.map(follow));
      return list;
    }
    const object: Record<string, unknown> = {};
    known.set(place, object);
    for (const [key, one] of Object.entries(value)) object[key] = follow(one);
    return object;
  };
  return follow('0');
}
