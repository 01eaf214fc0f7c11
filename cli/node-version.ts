import packageJson from '../package.json' with { type: 'json' };

/** What to do about a Node that is older than this package supports; undefined if it is recent enough. */
export function nodeProblem(version: string = process.versions.node): string | undefined {
  const needed = packageJson.engines.node.replace(/^\D+/, '');
  const [major = 0, minor = 0] = numbers(needed);
  const [ownMajor = 0, ownMinor = 0] = numbers(version);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return undefined;
  return `This command requires Node ${needed} or later, and this is Node ${version}. Install a newer Node.`;
}

function numbers(version: string): readonly number[] {
  return version.split('.').map(Number);
}
