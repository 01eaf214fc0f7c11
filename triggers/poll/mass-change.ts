import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { errorTexts, fillError } from '../../connector/error-texts.ts';
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
  return new ConnectorError(
    'mass_change_blocked',
    fillError(errorTexts.massChangeBlocked, { leaving, known, resource: title.toLowerCase(), limit }),
  );
}
