import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';

/** So many may always lose access at once. */
const always = 20;
/** And so many of those who are known. */
const share = 0.1;

/** The most who may lose access in one poll: what the input says, or the larger of 20 and 10 % of those known. */
export function massChangeLimit(given: number | undefined, known: number): number {
  return given ?? Math.max(always, Math.floor(known * share));
}

/** The error of a poll that would report more than the limit. */
export function massChangeBlocked(
  { title }: Pick<ResourceDefinition, 'title'>,
  leaving: number,
  known: number,
  limit: number,
): ConnectorError {
  return new ConnectorError('mass_change_blocked', {
    what: `${leaving} of ${known} ${title.toLowerCase()}s would be reported as deactivated or deleted at once, and the limit is ${limit}. None was reported, and nothing is lost: the next poll looks again.`,
    nextStep: `See at the provider whether it is true. If it is, poll once with "massChangeLimit" at ${leaving} or more.`,
  });
}
