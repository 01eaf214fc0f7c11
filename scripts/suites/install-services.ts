// Installs missing prerequisites of the n8n suite from Debian: Redis and PostgreSQL for queue mode, and Chromium
// for the editor. Does not start any of them, and leaves none running.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { aptInstall, pathOf } from './apt.ts';
import { MissingPrerequisite } from './missing-prerequisite.ts';

/** Services, each with its Debian package. */
const packages = { redis: 'redis-server', postgres: 'postgresql', chromium: 'chromium' } as const;

type Service = keyof typeof packages;

/** The paths of the services' programs; for PostgreSQL, the folder. */
export type Services = Readonly<Record<Service, string>>;

if (import.meta.main) console.log(installServices());

/** Installs missing services, and returns the paths of all. @throws MissingPrerequisite */
export function installServices(): Services {
  const missing = (Object.keys(packages) as Service[]).filter((service) => find(service) === undefined);
  if (missing.length > 0) aptInstall(missing.map((service) => packages[service]));
  return { redis: locate('redis'), postgres: locate('postgres'), chromium: locate('chromium') };
}

function locate(service: Service): string {
  const path = find(service);
  if (path === undefined)
    throw new MissingPrerequisite(
      `The Debian package ${packages[service]} does not provide the program. Install it manually.`,
    );
  return path;
}

function find(service: Service): string | undefined {
  if (service === 'redis') return pathOf('redis-server');
  if (service === 'chromium') return pathOf('chromium') ?? pathOf('chromium-browser');
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return undefined;
  const newest = readdirSync(versions).toSorted((one, other) => Number(other) - Number(one))[0] ?? '';
  const folder = join(versions, newest, 'bin');
  return existsSync(join(folder, 'initdb')) ? folder : undefined;
}
