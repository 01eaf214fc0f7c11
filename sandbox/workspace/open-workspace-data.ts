import type { JsonObject } from '../../scim/json.ts';
import type { ResourceRecord } from '../scim/resource/resource-record.ts';
import type { RecordType } from '../scim/schema/record-type.ts';
import type { Store } from '../scim/store/store.ts';
import type { Environment } from './environments.ts';
import type { EventAlgorithm } from './events/event-algorithm.ts';
import { type Collection, defineRecords, openCollection } from './open-collection.ts';
import { defaultSettings, type EventStream, type Settings } from './settings.ts';

/** Where a role came from that the identity provider assigned. */
export type SyncSource = 'scim_auto_sync' | 'saml_auto_sync';

/** The roles that the identity provider assigned last, by environment, whatever was done by hand since. */
export type AssignedRoles = {
  readonly [environment in Environment]?: { readonly role: string; readonly source: SyncSource };
};

/** What the workspace knows of a user besides the SCIM resource. Its id is the user's. */
export type MemberState = {
  /** The role where none is set: the default of the time at which the person came. */
  readonly defaultRole: string;
  readonly assigned: AssignedRoles;
  /** When somebody removed the person by hand. */
  readonly removedAt?: string;
  readonly lastLoginAt?: string;
};

/** An address that the identity provider has deleted. Its id is the address in lower case. */
export type Leaver = { readonly deletedAt: string };

/** A session. Its id is the hash of what the browser has. */
export type Session = {
  readonly userId: string;
  readonly createdAt: string;
  readonly endedAt?: string;
  /** Why it ended. */
  readonly endReason?: string;
};

/** A SAML assertion that was used. Its id is the hash of the assertion's. */
export type UsedAssertion = { readonly notOnOrAfter: string };

/** A token, of which only hashes are kept. */
export type TokenState = {
  /** The SHA-256 hash in hex; null when the token was revoked. */
  readonly hash: string | null;
  /** Hashes of the tokens that were valid before: they never are again. */
  readonly retired: readonly string[];
  readonly issuedAt: string;
  /** The e-mail of who asked for it; null for the token that the sandbox was started with. */
  readonly issuedBy: string | null;
};

/** How far the audit log has been streamed to a URL. */
export type StreamState = {
  readonly url: string;
  /** The event up to which all were delivered. */
  readonly deliveredTo: number;
};

/** A security event token that was not acknowledged. Its id is its `jti`. */
export type PendingSet = {
  readonly txn: string;
  /** When the change was made, as the audit log has it. */
  readonly time: string;
  /** The `sub_id`. */
  readonly subject: JsonObject;
  readonly events: JsonObject;
};

/** A key that signs security event tokens, or has signed them. */
export type KeptKey = {
  readonly kid: string;
  readonly algorithm: EventAlgorithm;
  /** As a JWK. */
  readonly publicKey: JsonObject;
  /** As PEM; null once another key has taken its place. */
  readonly privateKey: string | null;
  readonly createdAt: string;
};

/** The keys of security event tokens, and what is in the ids of all of them. */
export type KeyRingState = {
  readonly feedId: string;
  /** The one that signs comes first. */
  readonly keys: readonly KeptKey[];
};

const settingsRecords = defineRecords('Settings');
const memberRecords = defineRecords('MemberState');
const leaverRecords = defineRecords('Leaver');
const sessionRecords = defineRecords('Session', ['userId']);
const assertionRecords = defineRecords('UsedAssertion');
const tokenRecords = defineRecords('Token');
const streamRecords = defineRecords('AuditStream');
const keyRingRecords = defineRecords('EventKeyRing');
const pushRecords = defineRecords('PushEvent');
const pollRecords = defineRecords('PollEvent');

/** The type of the records of audit events: each is an event, in the order in which they happened. */
export const auditRecords = defineRecords('AuditEvent');

/** The types of records that a workspace keeps besides SCIM resources. */
export const workspaceRecords: readonly RecordType[] = [
  settingsRecords,
  memberRecords,
  leaverRecords,
  sessionRecords,
  assertionRecords,
  tokenRecords,
  streamRecords,
  keyRingRecords,
  pushRecords,
  pollRecords,
  auditRecords,
];

/** Everything that a workspace keeps. */
export interface WorkspaceData {
  readonly store: Store;
  readonly now: () => Date;
  readonly members: Collection<MemberState>;
  readonly leavers: Collection<Leaver>;
  readonly sessions: Collection<Session>;
  readonly assertions: Collection<UsedAssertion>;
  readonly tokens: Collection<TokenState>;
  readonly streams: Collection<StreamState>;
  /** There is one, under {@link keyRingId}. */
  readonly keyRings: Collection<KeyRingState>;
  /** What waits in each event stream, in the order of the changes. */
  readonly outboxes: { readonly [name in EventStream]: Collection<PendingSet> };
  /** The versions of resources that a PUT has made, until their commit. */
  readonly replaced: WeakSet<ResourceRecord>;
  /** There is one, under {@link settingsId}. */
  readonly settingsRecords: Collection<Settings>;
  /** The settings as they are now. */
  settings(): Settings;
}

/** The id of the one audit stream. */
export const streamId = 'rest';

/** The id of the keys of security event tokens. */
export const keyRingId = 'events';

/** The id of the settings. */
export const settingsId = 'workspace';

/** Opens what a workspace keeps in a store. */
export function openWorkspaceData(store: Store, now: () => Date): WorkspaceData {
  const open = <T extends JsonObject>(type: RecordType): Collection<T> => openCollection<T>(store, type, now);
  const settings = open<Settings>(settingsRecords);
  let stored: Settings | undefined;
  let whole = defaultSettings;
  return {
    store,
    now,
    members: open<MemberState>(memberRecords),
    leavers: open<Leaver>(leaverRecords),
    sessions: open<Session>(sessionRecords),
    assertions: open<UsedAssertion>(assertionRecords),
    tokens: open<TokenState>(tokenRecords),
    streams: open<StreamState>(streamRecords),
    keyRings: open<KeyRingState>(keyRingRecords),
    outboxes: { push: open<PendingSet>(pushRecords), poll: open<PendingSet>(pollRecords) },
    replaced: new WeakSet(),
    settingsRecords: settings,
    settings: () => {
      const found = settings.get(settingsId);
      if (found !== stored) {
        stored = found;
        // A file that an earlier release wrote lacks the settings that have come since.
        whole = {
          ...defaultSettings,
          ...found,
          limits: { ...defaultSettings.limits, ...found?.limits },
        };
      }
      return whole;
    },
  };
}
