import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createServerFactory, type ServerSettings } from './create-server.ts';

/** Serves the client at the other end of standard input and output, until it closes them or the signal aborts. */
export async function serveOverStdio(settings: ServerSettings, signal: AbortSignal): Promise<void> {
  const handle = serveStdio(createServerFactory(settings));
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  await handle.close();
}
