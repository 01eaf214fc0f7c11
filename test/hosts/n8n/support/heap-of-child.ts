import type { Child } from './child.ts';
import { until } from './until.ts';

/** The environment of a process whose inspector starts on this port, once {@link heapOfChild} asks for it. */
export function inspectorEnv(port: number): NodeJS.ProcessEnv {
  return { NODE_OPTIONS: `--inspect-port=127.0.0.1:${port}` };
}

/** The heap that such a process uses after garbage collection, in bytes. */
export async function heapOfChild({ process: child }: Child, port: number): Promise<number> {
  child.kill('SIGUSR1');
  const url = await until('the inspector', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined);
    const [target] = (await response?.json()) ?? [];
    return target?.webSocketDebuggerUrl as string | undefined;
  });
  const socket = new WebSocket(url);
  const send = (id: number, method: string, params: object = {}): Promise<{ result: unknown }> =>
    new Promise((resolve, reject) => {
      socket.addEventListener('close', () => reject(new Error('The inspector closed the connection')));
      socket.addEventListener('message', ({ data }) => {
        const message = JSON.parse(String(data)) as { id?: number; result: unknown };
        if (message.id === id) resolve(message);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  try {
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve, { once: true });
      socket.addEventListener('error', reject, { once: true });
    });
    await send(1, 'HeapProfiler.collectGarbage');
    const { result } = await send(2, 'Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed' });
    return (result as { result: { value: number } }).result.value;
  } finally {
    socket.close();
  }
}
