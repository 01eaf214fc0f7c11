import { createServer } from 'node:http';
import type { HealthReport } from '../watch/watch-health.ts';
import { listen } from './listen.ts';
import type { WatchMetrics } from './watch-metrics.ts';

/** What an admin server shows. */
export interface AdminServerOptions {
  /** 0 picks any free port. */
  readonly port: number;
  /** The local address to listen on, such as `127.0.0.1`. The pages are for everyone who can reach it. */
  readonly host: string;
  health(): HealthReport;
  readonly metrics: Pick<WatchMetrics, 'contentType' | 'text'>;
}

/** A running admin server. */
export interface AdminServer {
  /** `http://127.0.0.1:49152` */
  readonly origin: string;
  close(): Promise<void>;
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Serves `/healthz` (the process runs), `/readyz` (polls and deliveries work; otherwise 503), both as JSON, and
 * `/metrics`.
 *
 * @throws Error of Node, if the port is taken
 */
export async function startAdminServer({
  port,
  host,
  health,
  metrics,
}: AdminServerOptions): Promise<AdminServer> {
  const pages = new Map<string, () => Page | Promise<Page>>([
    ['/healthz', () => json(200, { live: true })],
    ['/readyz', () => readiness(health())],
    ['/metrics', async () => ({ status: 200, contentType: metrics.contentType, body: await metrics.text() })],
  ]);
  const server = createServer({ requestTimeout: 10_000 }, async ({ method, url = '/' }, response) => {
    const page = pages.get(url.split('?', 1)[0] ?? '/');
    const { status, contentType, body } =
      page === undefined
        ? json(404, { pages: [...pages.keys()] })
        : method === 'GET' || method === 'HEAD'
          ? await render(page)
          : json(405, { allowed: ['GET', 'HEAD'] });
    response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body);
  });
  server.maxConnections = 32;
  const origin = await listen(server, port, host);
  return {
    origin,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function render(page: () => Page | Promise<Page>): Promise<Page> {
  try {
    return await page();
  } catch (error) {
    // The state cannot be read: the watch ends with the same error.
    return json(500, { message: error instanceof Error ? error.message : String(error) });
  }
}

function readiness(report: HealthReport): Page {
  return json(report.ready ? 200 : 503, report);
}

function json(status: number, value: unknown): Page {
  return { status, contentType: 'application/json', body: `${JSON.stringify(value)}\n` };
}
