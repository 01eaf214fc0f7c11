// Installs missing prerequisites of the Workato suite: `node scripts/suites/install-ruby.ts`.
import { aptInstall, isOnPath } from './apt.ts';
import { MissingPrerequisite } from './missing-prerequisite.ts';

/** Programs, each with its Debian package. */
const packages = { ruby: 'ruby', rubocop: 'rubocop', rspec: 'ruby-rspec' } as const;

if (import.meta.main) installRuby();

/** Installs Ruby, RuboCop, and RSpec from Debian, unless they are installed. @throws MissingPrerequisite */
export function installRuby(): void {
  if (missing().length > 0) aptInstall(missing().map((program) => packages[program]));
  if (missing().length > 0)
    throw new MissingPrerequisite(
      `The Debian packages do not provide ${missing().join(', ')}. Install them manually.`,
    );
}

function missing(): readonly (keyof typeof packages)[] {
  return (Object.keys(packages) as (keyof typeof packages)[]).filter((program) => !isOnPath(program));
}
