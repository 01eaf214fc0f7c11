import type { Progress } from '../actions/operation.ts';
import type { Terminal } from './terminal.ts';

const barWidth = 30;
const refreshInMs = 100;

/** Shows how far a long run has come: a bar on a screen, and at the end a line with the count and the rate. */
export function createProgress(
  terminal: Terminal,
  now: () => number = Date.now,
): { onProgress(progress: Progress): void; finish(): void } {
  const startedAtInMs = now();
  let last: Progress | undefined;
  let shownAtInMs = 0;
  return {
    onProgress(progress) {
      last = progress;
      if (now() - shownAtInMs < refreshInMs) return;
      shownAtInMs = now();
      const { done, total } = progress;
      const filled = Math.round((barWidth * done) / Math.max(1, total));
      terminal.status(`${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done} of ${total}`);
    },
    finish() {
      if (last === undefined) return;
      const seconds = Math.max(0.001, (now() - startedAtInMs) / 1000);
      terminal.err(
        `${last.done} of ${last.total} in ${seconds.toFixed(1)} s, ${Math.round(last.done / seconds)} a second`,
      );
    },
  };
}
