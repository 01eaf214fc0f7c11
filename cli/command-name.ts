import { relative } from 'node:path';

/** How the running command line was started. */
interface Invocation {
  /** The path of the script, as in `process.argv[1]`. */
  readonly script: string;
  readonly cwd: string;
  /** npm's own variables in it tell an npm script from a direct call. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The words that start this command line again in the same way, for commands that a person is to copy. */
export function commandName({ script, cwd, env }: Invocation): string {
  // npm sets this to the name of the script. A user's own script can have that name too, but then runs the package.
  const isPackage = /[\\/]node_modules[\\/]/.test(script);
  if (isPackage) return 'npx rolecall';
  if (env.npm_lifecycle_event === 'rolecall') return 'npm run -s rolecall --';
  return script.endsWith('.ts') ? `node ${relative(cwd, script)}` : 'rolecall';
}
