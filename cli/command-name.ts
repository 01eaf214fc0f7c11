import { relative } from 'node:path';

/** The way in which this process was started. */
interface Invocation {
  /** The path of the script, as in `process.argv[1]`. */
  readonly script: string;
  readonly cwd: string;
  /** npm's own variables distinguish an npm script from a direct call. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The words that start this command line in the same way, for commands to copy. */
export function commandName({ script, cwd, env }: Invocation): string {
  // npm sets this to the name of the script. A user's own script can have that name too, but then runs the package.
  const isPackage = /[\\/]node_modules[\\/]/.test(script);
  if (isPackage) return 'npx rolecall';
  if (env.npm_lifecycle_event === 'rolecall') return 'npm run -s rolecall --';
  return script.endsWith('.ts') ? `node ${relative(cwd, script)}` : 'rolecall';
}
