import type { ActionContext } from './operation.ts';

/** After this time, a provider that shows the state before a change is read once more, in milliseconds. */
const readAgainAfterInMs = [500];

/**
 * Reads what a change was about until it shows the change: a provider can show the state before it for a while. Returns
 * what was read last.
 *
 * @param read - gets what was read before, which a read that shows nothing does not refute
 * @param waitsInMs - how long to wait before each further read
 */
export async function readUntil<Shown>(
  { platform, signal }: ActionContext,
  read: (before: Shown | undefined) => Promise<Shown>,
  isChanged: (shown: Shown) => boolean,
  waitsInMs: readonly number[] = readAgainAfterInMs,
): Promise<Shown> {
  let shown = await read(undefined);
  for (const waitInMs of waitsInMs) {
    if (isChanged(shown)) break;
    await platform.sleep(waitInMs, signal);
    shown = await read(shown);
  }
  return shown;
}
