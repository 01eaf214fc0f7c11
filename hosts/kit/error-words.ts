import { dryRunTexts } from '../../connector/dry-run-texts.ts';
import { errorParts, errorTexts, scimTypeSteps } from '../../connector/error-texts.ts';
import { transientCodes } from '../../connector/errors.ts';
import { problemTexts } from '../../connector/problem-texts.ts';
import { transportSteps, transportTexts } from '../../connector/transport-texts.ts';
import { checkTexts } from '../../schemas/check-texts.ts';
import { filterTexts } from '../../scim/filter/filter-texts.ts';
import { valueTexts } from '../../scim/resource/read-value.ts';
import { planTexts } from '../../sync/plan-texts.ts';
import { senderTexts } from '../../triggers/sources/sender-texts.ts';

/**
 * The sentences of all errors as data, for a host that cannot run the library. Names in backticks are keys of fields:
 * the host replaces them by its labels.
 */
export const errorWords = Object.freeze({
  codes: { transient: transientCodes },
  errors: errorTexts,
  parts: errorParts,
  scimTypes: scimTypeSteps,
  transport: transportTexts,
  transportSteps,
  problems: problemTexts,
  check: checkTexts,
  filter: filterTexts,
  senders: senderTexts,
  dryRun: dryRunTexts,
  plan: planTexts,
  values: valueTexts,
});
