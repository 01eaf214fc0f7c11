import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { withLock } from './lock-file.ts';

/** Where a secret is: in an environment variable, in the system's keyring under an ID, or in the file itself. */
const storedSecret = z.union([
  z.strictObject({ variable: z.string() }),
  z.strictObject({ keyring: z.string() }),
  z.strictObject({ plainText: z.string() }),
]);

const storedConnection = z.strictObject({
  baseUrl: z.string(),
  /** The name of a profile, or the absolute path of a file with one. */
  profile: z.string().optional(),
  auth: z.record(z.string(), z.union([z.string(), storedSecret])),
  settings: z.record(z.string(), z.unknown()),
});

const fileSchema = z.strictObject({
  connectionsVersion: z.literal(1),
  connections: z.record(z.string(), storedConnection),
});

/** Where the file says that a secret is. */
export type StoredSecret = z.infer<typeof storedSecret>;

/** A connection as it is in the file. */
export type StoredConnection = z.infer<typeof storedConnection>;

/** Connections by name. */
export type StoredConnections = ReadonlyMap<string, StoredConnection>;

/** The system that decides where the file is. */
interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly home: string;
}

/** The path of the user's file: that of ROLECALL_CONFIG, or the one that the system's convention says. */
export function connectionFile({ env, platform, home }: Surroundings = surroundings()): string {
  const { ROLECALL_CONFIG: file = '', XDG_CONFIG_HOME: configHome = '', APPDATA: appData = '' } = env;
  if (file !== '') return file;
  if (platform === 'win32' && appData !== '') return join(appData, 'rolecall', 'connections.json');
  // The XDG Base Directory Specification says to ignore relative paths.
  const folder = isAbsolute(configHome) ? configHome : join(home, '.config');
  return join(folder, 'rolecall', 'connections.json');
}

function surroundings(): Surroundings {
  return { env: process.env, platform: process.platform, home: homedir() };
}

const ownerOnly = 0o600;
const folderOfOwner = 0o700;

/** Reads the connections of a file; none if there is no file. @throws UsageError */
export function readConnections(file: string): StoredConnections {
  let content: string;
  try {
    assertPrivate(file);
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot read the connections in ${file}: ${messageOf(error)}.`);
  }
  const { success, data } = fileSchema.safeParse(parse(content));
  // The content is not shown: it can hold a secret.
  if (success) return new Map(Object.entries(data.connections));
  throw new UsageError(
    `${file} is not a file of connections that this release can read. Correct it, or move it away and run "rolecall connect" again.`,
  );
}

/**
 * Changes the connections of a file, which is replaced in one step. Changes of several processes happen one after the
 * other, so that none is lost. Only the owner can read the file.
 *
 * @throws UsageError
 */
export async function changeConnections(
  file: string,
  change: (before: StoredConnections) => Promise<StoredConnections>,
): Promise<void> {
  const written = <Result>(write: () => Result): Result => {
    try {
      return write();
    } catch (error) {
      throw new UsageError(`Cannot write the connections to ${file}: ${messageOf(error)}.`);
    }
  };
  written(() => mkdirSync(dirname(file), { recursive: true, mode: folderOfOwner }));
  const target = resolveLink(file);
  await withLock(`${target}.lock`, async () => {
    const connections = await change(readConnections(file));
    const data = { connectionsVersion: 1, connections: Object.fromEntries(connections) };
    written(() => replace(target, `${JSON.stringify(data, null, 2)}\n`));
  });
}

/** A crash leaves the old file or the new one, never a part. */
function replace(file: string, content: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const descriptor = openSync(temporary, 'wx', ownerOnly);
    try {
      writeSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    chmodSync(temporary, ownerOnly);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The file behind a link, which people who keep their configuration in a repository use. */
function resolveLink(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/** Windows has no such modes: there, the folder of the user's profile protects the file. */
function assertPrivate(file: string): void {
  if (process.platform === 'win32') return;
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new UsageError(
    `Other users can access ${file} (mode ${mode.toString(8)}), and it can hold secrets. Run: chmod 600 ${file}`,
  );
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
