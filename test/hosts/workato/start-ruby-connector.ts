import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { writeConnector } from '../../../hosts/workato/write-connector.ts';

const driver = new URL('driver.rb', import.meta.url).pathname;

/** What the driver is asked: see driver.rb. */
export type Ask = { readonly do: string } & Readonly<Record<string, unknown>>;

/** What came of it: a value, or the sentence that Workato would show in the job. */
export type RubyResult =
  | { readonly value: unknown; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: string };

/** A generated connector that runs on the harness, in a process of its own. */
export interface RubyConnector {
  /** @throws Error when the connector did what no connector may: raise anything but `error`. */
  ask(ask: Ask): Promise<RubyResult>;
  /** The same, where only a value will do. */
  value(ask: Ask): Promise<unknown>;
  close(): Promise<void>;
}

/** Writes the connector of a definition, and starts it. */
export async function startRubyConnector(definition: ConnectorDefinition): Promise<RubyConnector> {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-workato-'));
  const file = join(folder, 'connector.rb');
  writeFileSync(file, writeConnector(definition));
  const child = spawn('ruby', ['-W', driver, file], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TZ: 'UTC', LANG: 'C.UTF-8' },
  });
  const said = collect(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  const exchange = async (ask: Ask): Promise<RubyResult> => {
    child.stdin.write(`${JSON.stringify(ask)}\n`);
    const { value: line, done } = await lines.next();
    if (done === true) throw new Error(`The driver ended: ${said()}`);
    const answer = JSON.parse(line) as RubyResult & { readonly crash?: string };
    if (answer.crash !== undefined) throw new Error(answer.crash);
    if (said() !== '') throw new Error(`Ruby warns: ${said()}`);
    return answer;
  };

  const ask = (one: Ask): Promise<RubyResult> => {
    const next = last.then(() => exchange(one));
    last = next.catch(() => undefined);
    return next;
  };
  return {
    ask,
    async value(one) {
      const { value, error } = await ask(one);
      if (error !== undefined) throw new Error(error);
      return value;
    },
    async close() {
      child.stdin.end();
      await once(child, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function collect({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return () => text;
}
