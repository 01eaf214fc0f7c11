import { once } from 'node:events';
import { startCli } from '../support/run-cli.ts';

/** A real watcher in a process of its own, which is killed when so many moments have passed. */
export interface MortalWatch {
  /** Something has happened that the watcher did, or is waiting for: it may be the last thing. */
  moment(): void;
  /** Kills it now. */
  end(): void;
  /** The first line of standard error that a pattern fits. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Everything it printed, once it is dead. @throws Error when it ended by itself */
  readonly death: Promise<string>;
}

/** Starts one. @param dies after so many moments, with SIGKILL */
export function startMortalWatch(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  dies: number,
): MortalWatch {
  const child = startCli(['watch', ...args], env);
  let out = '';
  let err = '';
  let moments = 0;
  child.stdin.end();
  const moment = (): void => {
    moments += 1;
    if (moments >= dies) child.kill('SIGKILL');
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    moment();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    moment();
  });
  const death = once(child, 'close').then(([code, signal]) => {
    if (signal !== 'SIGKILL') throw new Error(`The watcher ended by itself with ${code}: ${err}`);
    return out;
  });
  return {
    moment,
    end: () => void child.kill('SIGKILL'),
    async said(pattern) {
      for (;;) {
        const found = pattern.exec(err);
        if (found !== null) return found;
        await once(child.stderr, 'data');
      }
    },
    death,
  };
}
