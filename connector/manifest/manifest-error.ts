import type { InputProblem } from '../errors.ts';

/**
 * A manifest or an overlay that cannot be used. `problems` names each path in it, and how to correct it.
 *
 * @example
 * ```ts
 * try {
 *   parseOverlay({ overlayVersion: 1 });
 * } catch (error) {
 *   if (error instanceof ManifestError) for (const { path, message } of error.problems) console.error(path, message);
 * }
 * ```
 */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly problems: readonly InputProblem[];

  constructor(source: string, problems: readonly InputProblem[]) {
    const lines = problems.map(({ path, message }) => `  ${path === '' ? '(top)' : path}: ${message}`);
    super(`${source} is not valid:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
