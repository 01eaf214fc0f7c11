import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { errorTexts, fillError } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';

/** The maximum number of users that can lose access in one poll, unless the share is higher. */
const most = 20;
/** The maximum share of the known users. */
const share = 0.1;
/** In a small directory, it is half of the users instead, but not fewer than this. */
const fewest = 3;

/**
 * The maximum number of users that can lose access in one poll: the limit in the input, or the larger of 20 and 10% of the known users;
 * in a small directory, half of them, and never all of three or more.
 */
export function massChangeLimit(given: number | undefined, known: number): number {
  if (given !== undefined) return given;
  const few = Math.min(most, Math.max(fewest, Math.ceil(known / 2)));
  const limit = Math.max(few, Math.floor(known * share));
  return known < 3 ? limit : Math.min(limit, known - 1);
}

type Titled = Pick<ResourceDefinition, 'title'>;

/** The error of a poll that would report more than the limit. */
export function massChangeBlocked(
  { title }: Titled,
  leaving: number,
  known: number,
  limit: number,
): ConnectorError {
  return new ConnectorError(
    'mass_change_blocked',
    fillError(errorTexts.massChangeBlocked, { leaving, known, resource: title.toLowerCase(), limit }),
  );
}

/**
 * The number of known resources from which a list without any of them is held. An empty list of users always is; a few groups
 * can be deleted together, and one user can be created again.
 */
export function fewestReplaced(
  { attributes }: Pick<ResourceDefinition, 'attributes'>,
  listed: number,
): number {
  const areAccounts = attributes.some(({ name }) => name === 'active');
  if (!areAccounts) return 3;
  return listed === 0 ? 1 : 2;
}

/** The error of a poll whose list no longer has any of the known resources. @param listed the number of others */
export function directoryReplaced({ title }: Titled, known: number, listed: number): ConnectorError {
  const resource = title.toLowerCase();
  return new ConnectorError(
    'mass_change_blocked',
    listed === 0
      ? fillError(errorTexts.directoryEmptied, { resource, known })
      : fillError(errorTexts.directoryReplaced, { resource, known, listed }),
  );
}
