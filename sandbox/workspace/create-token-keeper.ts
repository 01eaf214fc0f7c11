import { randomBytes } from 'node:crypto';
import type { Change } from '../scim/resource/resource-record.ts';
import { type Authenticator, digestAuthenticator, digestOf } from '../scim/service/bearer-authenticator.ts';
import type { TokenState, WorkspaceData } from './open-workspace-data.ts';

/** A token that is shown once and kept as a hash. */
export interface TokenKeeper {
  readonly authenticate: Authenticator;
  /** What is known of the token; undefined before the first. */
  state(): TokenState | undefined;
  /** Whether there is a token that is valid. */
  isIssued(): boolean;
  /** Makes a new token; the one before is invalid from the commit on. */
  issue(issuedBy: string): { readonly token: string; readonly change: Change };
  /** Makes the token invalid. */
  revoke(issuedBy: string): Change;
  /**
   * The token to begin with: the one that is given, or a new one. It becomes the workspace's, unless the workspace has
   * had one that was not given now, of which only the hash is known, or the given one has been refreshed or revoked.
   */
  begin(given: string | undefined): {
    readonly token: string | undefined;
    readonly changes: readonly Change[];
  };
}

const tokenBytes = 24;

/** Keeps the token with that id. */
export function createTokenKeeper({ tokens, now }: WorkspaceData, id: string, name: string): TokenKeeper {
  let cached: { readonly hash: string; readonly digest: Buffer } | undefined;

  function digest(): Buffer | undefined {
    const hash = tokens.get(id)?.hash ?? undefined;
    if (hash === undefined) return undefined;
    if (cached?.hash !== hash) cached = { hash, digest: Buffer.from(hash, 'hex') };
    return cached.digest;
  }

  function set(hash: string | null, issuedBy: string | null): Change {
    const old = tokens.get(id);
    const retired = [...(old?.retired ?? []), ...(old?.hash == null ? [] : [old.hash])];
    return tokens.put(id, { hash, retired, issuedAt: now().toISOString(), issuedBy });
  }

  return {
    authenticate: digestAuthenticator(digest, { name }),
    state: () => tokens.get(id),
    isIssued: () => digest() !== undefined,
    issue: (issuedBy) => {
      const token = newToken();
      return { token, change: set(hashOf(token), issuedBy) };
    },
    revoke: (issuedBy) => set(null, issuedBy),
    begin: (given) => {
      const old = tokens.get(id);
      if (given === undefined && old !== undefined) return { token: undefined, changes: [] };
      const token = given ?? newToken();
      const hash = hashOf(token);
      const isKnown = old?.hash === hash || old?.retired.includes(hash) === true;
      return { token, changes: isKnown ? [] : [set(hash, null)] };
    },
  };
}

/** Makes a secret that nobody can guess. */
export function newToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

/** What is kept of a secret: its SHA-256 hash, in hex. */
export function hashOf(secret: string): string {
  return digestOf(secret).toString('hex');
}
