import type { JsonObject } from '../../scim/json.ts';
import type { ResourceRecord } from '../scim/resource/resource-record.ts';
import type { RecordType } from '../scim/schema/record-type.ts';
import type { Store } from '../scim/store/store.ts';
import type { Environment } from './environments.ts';
import type { EventAlgorithm } from './events/event-algorithm.ts';
import { type Collection, defineRecords, openCollection } from './open-collection.ts';
import { defaultSettings, type EventStream, type Settings } from './settings.ts';

/** The source of a role that the identity provider assigned. */
export type SyncSource = 'scim_auto_sync' | 'saml_auto_sync';

/** The roles that the identity provider assigned last, by environment, regardless of later manual changes. */
export type AssignedRoles = {
  readonly [environment in Environment]?: { readonly role: string; readonly source: SyncSource };
};

/** The workspace's state of a user, in addition to the SCIM resource. Its ID is the user's. */
export type MemberState = {
  /** The role where none is assigned: the default at the time the user was created. */
  readonly defaultRole: string;
  readonly assigned: AssignedRoles;
  /** The time of an invitation that is not accepted yet. */
  readonly invitedAt?: string;
  /** The time of a manual removal. */
  readonly removedAt?: string;
  readonly lastLoginAt?: string;
};

/** An address that the identity provider has deleted. Its ID is the address in lower case. */
export type Leaver = { readonly deletedAt: string };

/** A session. Its ID is the hash of the browser's token. */
export type Session = {
  readonly userId: string;
  readonly createdAt: string;
  readonly endedAt?: string;
  /** The reason why it ended. */
  readonly endReason?: string;
};

/** A used SAML assertion. Its ID is the hash of the assertion's ID. */
export type UsedAssertion = { readonly notOnOrAfter: string };

/** A token, stored only as hashes. */
export type TokenState = {
  /** The SHA-256 hash in hex; null if the token was revoked. */
  readonly hash: string | null;
  /** The hashes of previous tokens, which never become valid again. */
  readonly retired: readonly string[];
  readonly issuedAt: string;
  /** The email of the actor; null for the token that the sandbox was started with. */
  readonly issuedBy: string | null;
};

/** The progress of streaming the audit log to a URL. */
export type StreamState = {
  readonly url: string;
  /** The last delivered event. */
  readonly deliveredTo: number;
};

/** An unacknowledged security event token. Its ID is its `jti`. */
export type PendingSet = {
  readonly txn: string;
  /** The time of the change, as in the audit log. */
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
  /** As PEM; null once another key has replaced it. */
  readonly privateKey: string | null;
  readonly createdAt: string;
};

/** The keys of security event tokens, and the common prefix of their IDs. */
export type KeyRingState = {
  readonly feedId: string;
  /** The signing key comes first. */
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

/** The record type of audit events, in the order in which they happened. */
export const auditRecords = defineRecords('AuditEvent');

/** The record types of a workspace, in addition to SCIM resources. */
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

/** All stored data of a workspace. */
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
  /** The pending SETs of each event stream, in the order of the changes. */
  readonly outboxes: { readonly [name in EventStream]: Collection<PendingSet> };
  /** The resource versions that a PUT has created, until their commit. */
  readonly replaced: WeakSet<ResourceRecord>;
  /** There is one, under {@link settingsId}. */
  readonly settingsRecords: Collection<Settings>;
  /** The settings as they are now. */
  settings(): Settings;
}

/** The ID of the only audit stream. */
export const streamId = 'rest';

/** The ID of the keys of security event tokens. */
export const keyRingId = 'events';

/** The ID of the settings. */
export const settingsId = 'workspace';

/** Opens the data of a workspace in a store. */
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
        // A file of an earlier release lacks newer settings.
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
