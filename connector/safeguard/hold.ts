import { fill } from '../../schemas/fill.ts';
import { errorParts, errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import type { ExceededLimit, Loss, LossKind, LossSubject } from './safeguard.ts';
import { sha256 } from './sha256.ts';

/**
 * A loss that is held, as it is stored.
 *
 * @example
 * ```ts
 * const describe = ({ subject, before, after }: HeldLoss): string => `${subject.name}: ${before} → ${after}`;
 * ```
 */
export interface HeldLoss {
  /** Identifies the loss: the same user or group loses the same. */
  readonly key: string;
  readonly kind: LossKind;
  /** The number of single losses: the members of a group, or 1. */
  readonly count: number;
  readonly subject: LossSubject;
  readonly before: string;
  readonly after: string;
}

/** The number of hexadecimal digits of an ID: short enough to read out, long enough that nobody can forge one. */
const idLength = 16;

/** A loss as it is stored while it is held. */
export function toHeldLoss({ kind, subject, before, after, items }: Loss): HeldLoss {
  const exactly = [kind, subject.resource, subject.id, `${before} → ${after}`, ...(items ?? [])];
  const key = sha256(exactly.join('\n')).slice(0, idLength);
  return { key, kind, count: items?.length ?? 1, subject, before, after };
}

/**
 * Losses in the order in which an ID names them: those that were held before, in that order, and then the others by
 * their keys.
 *
 * @param before - the keys of the losses that were held before
 */
export function orderHeld(losses: readonly HeldLoss[], before: readonly string[] = []): readonly HeldLoss[] {
  const placeOf = new Map(before.map((key, index) => [key, index]));
  const sorted = losses.toSorted(({ key: one }, { key: other }) => (one < other ? -1 : one > other ? 1 : 0));
  return sorted.toSorted(
    ({ key: one }, { key: other }) =>
      (placeOf.get(one) ?? before.length) - (placeOf.get(other) ?? before.length),
  );
}

/** The IDs of the first loss, of the first two, and so on. */
export function holdIds(keys: readonly string[]): readonly string[] {
  let before = '';
  return keys.map((key) => {
    before = sha256(`${before}\n${key}`).slice(0, idLength);
    return `hold-${before}`;
  });
}

/** The ID of exactly these losses, in this order. */
export function holdIdOf(losses: readonly HeldLoss[]): string {
  return holdIds(losses.map(({ key }) => key)).at(-1) ?? '';
}

/** The number of users or groups that a text names. */
const mostNamed = 10;

/** The first ten users or groups with what they lose: `ada@example.com (active → inactive), and 5 more`. */
export function nameAffected(losses: readonly Pick<HeldLoss, 'subject' | 'before' | 'after'>[]): string {
  const names = losses
    .slice(0, mostNamed)
    .map(({ subject, before, after }) => `${subject.name} (${before} → ${after})`)
    .join(', ');
  const rest = losses.length - mostNamed;
  return rest > 0 ? `${names}${fill(errorParts.andMore, { count: rest })}` : names;
}

const partOf = {
  users: 'accessLost',
  groups: 'accessLost',
  roles: 'rolesLost',
  members: 'membersLost',
} as const satisfies Record<LossKind, keyof typeof errorParts>;

/** A sentence on a limit: how many of how many, and how many are allowed. @param resource `user`, `group` */
function describeExcess({ kind, count, earlier, known, limit }: ExceededLimit, resource: string): string {
  return fill(errorParts[partOf[kind]], {
    count,
    of: known === undefined ? '' : fill(errorParts.ofKnown, { known }),
    resource,
    earlier: earlier === 0 ? '' : fill(errorParts.reportedEarlier, { count: earlier }),
    limit,
  });
}

/** What the safeguard holds. */
export interface HeldLosses {
  readonly losses: readonly HeldLoss[];
  /** The sentences that say why: `15 of 15 users would be reported as …`. */
  readonly reasons: readonly string[];
}

/** Holds all losses of the kinds that exceed a limit. @param titleOf the title of a resource type */
export function holdLosses(
  losses: readonly Loss[],
  excess: readonly ExceededLimit[],
  titleOf: (resource: string) => string = (resource) => resource,
): HeldLosses {
  const kinds = new Set(excess.map(({ kind }) => kind));
  const reasons = excess.flatMap((one) => {
    const loss = losses.find(({ kind }) => kind === one.kind);
    return loss === undefined ? [] : [describeExcess(one, titleOf(loss.subject.resource).toLowerCase())];
  });
  return { losses: losses.filter(({ kind }) => kinds.has(kind)).map(toHeldLoss), reasons };
}

/** How a person approves a hold, as the end of a sentence that begins with "If it is,". @param id that of the hold */
export type HowToApprove = (id: string) => string;

/** By the input of the next poll, which every host has. */
const approveByInput: HowToApprove = (id) => fill(errorParts.approveByInput, { id });

/** A sentence on what is held, and whom it concerns. */
export function describeHeld({ losses, reasons }: HeldLosses): string {
  return `${reasons.join(' ')}${fill(errorParts.affected, { names: nameAffected(losses) })}`;
}

/** The error of events from a source that are held. @param approval what to do, as the end of a sentence */
export function eventsHeld({ losses, reasons }: HeldLosses, approval: string): ConnectorError {
  return new ConnectorError(
    'mass_change_blocked',
    fillError(errorTexts.eventsHeld, {
      changes: reasons.join(' '),
      affected: fill(errorParts.affected, { names: nameAffected(losses) }),
      approval,
    }),
  );
}

/** How a surface reports a hold. */
export interface HoldWords {
  readonly howToApprove?: HowToApprove | undefined;
  /** Whether the events of others are reported. */
  readonly areOthersReported?: boolean | undefined;
}

/** The error of losses that are held. @param id that of the hold */
export function massChangeBlocked(
  { losses, reasons }: HeldLosses,
  id: string,
  { howToApprove = approveByInput, areOthersReported = false }: HoldWords = {},
): ConnectorError {
  return new ConnectorError(
    'mass_change_blocked',
    fillError(errorTexts.massChangeBlocked, {
      changes: reasons.join(' '),
      reported: areOthersReported ? errorParts.othersReported : errorParts.nothingReported,
      affected: fill(errorParts.affected, { names: nameAffected(losses) }),
      approval: howToApprove(id),
    }),
  );
}
