import { randomBytes } from 'node:crypto';
import type { Change } from '../scim/resource/resource-record.ts';
import { type Authenticator, digestAuthenticator, digestOf } from '../scim/service/bearer-authenticator.ts';
import type { TokenState, WorkspaceData } from './open-workspace-data.ts';

/** A token that is shown once and stored as a hash. */
export interface TokenKeeper {
  readonly authenticate: Authenticator;
  /** The metadata of the token; undefined before the first one. */
  state(): TokenState | undefined;
  /** Whether a valid token exists. */
  isIssued(): boolean;
  /** Creates a new token. The previous one is invalid after the commit. */
  issue(issuedBy: string): { readonly token: string; readonly change: Change };
  /** Revokes the token. */
  revoke(issuedBy: string): Change;
  /**
   * The initial token: the given one, or a new one. It becomes the workspace's token, unless the workspace has
   * a different one, of which only the hash is known, or the given one has been refreshed or revoked.
   */
  begin(given: string | undefined): {
    readonly token: string | undefined;
    readonly changes: readonly Change[];
  };
}

const tokenBytes = 24;

/** Opens the token with that ID. */
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

/** Creates a random secret. */
export function newToken(): string {
  return randomBytes(tokenBytes).toString('base64url');
}

/** The stored form of a secret: its SHA-256 hash, in hex. */
export function hashOf(secret: string): string {
  return digestOf(secret).toString('hex');
}
