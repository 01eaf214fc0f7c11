import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { errorTexts, fillError } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';

/** The most users that may lose access in one poll of a directory of any size, unless the share of it is more. */
const most = 20;
/** And the share of the known users that may. */
const share = 0.1;
/** In a small directory, it is half of the users instead, but not fewer than this. */
const fewest = 3;

/**
 * The most users that may lose access in one poll: what the input says, or the larger of 20 and 10% of the known users;
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
 * From how many known resources on a list without any of them is held. An empty list of accounts always is; a few groups
 * may well be deleted together, and one user may be created anew.
 */
export function fewestReplaced(
  { attributes }: Pick<ResourceDefinition, 'attributes'>,
  listed: number,
): number {
  const areAccounts = attributes.some(({ name }) => name === 'active');
  if (!areAccounts) return 3;
  return listed === 0 ? 1 : 2;
}

/** The error of a poll whose list has none of the known resources any more. @param listed how many others it has */
export function directoryReplaced({ title }: Titled, known: number, listed: number): ConnectorError {
  const resource = title.toLowerCase();
  return new ConnectorError(
    'mass_change_blocked',
    listed === 0
      ? fillError(errorTexts.directoryEmptied, { resource, known })
      : fillError(errorTexts.directoryReplaced, { resource, known, listed }),
  );
}
