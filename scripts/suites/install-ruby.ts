// Installs what the Workato suite runs on, where it is missing: `node scripts/suites/install-ruby.ts`.
import { aptInstall, isOnPath } from './apt.ts';
import { MissingPrerequisite } from './missing-prerequisite.ts';

/** Programs, each with the Debian package that brings it. */
const packages = { ruby: 'ruby', rubocop: 'rubocop', rspec: 'ruby-rspec' } as const;

if (import.meta.main) installRuby();

/** Installs Ruby, RuboCop, and RSpec from Debian, unless they are there. @throws MissingPrerequisite */
export function installRuby(): void {
  if (missing().length > 0) aptInstall(missing().map((program) => packages[program]));
  if (missing().length > 0)
    throw new MissingPrerequisite(`Debian did not bring ${missing().join(', ')}. Install them by hand.`);
}

function missing(): readonly (keyof typeof packages)[] {
  return (Object.keys(packages) as (keyof typeof packages)[]).filter((program) => !isOnPath(program));
}
