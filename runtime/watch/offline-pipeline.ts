import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { Platform } from '../../connector/platform.ts';
import { openEventSelector } from '../../triggers/select/open-event-selector.ts';
import { prepareTrigger } from '../prepare.ts';
import type { EventPipeline } from './event-pipeline.ts';

/**
 * How the events of a source are read where there is no connection to a provider: as they came. Its selector throws
 * `unsupported` when the input names a group that has to be looked up.
 *
 * @throws ConnectorError `invalid_input`
 */
export function createOfflinePipeline(
  definition: ConnectorDefinition,
  platform: Platform,
  key: string,
  given: unknown,
): EventPipeline {
  const { trigger, input } = prepareTrigger(definition, key, given);
  const refuse = (): never => {
    throw new ConnectorError('unsupported', {
      what: 'The group in the input has to be looked up, and there is no connection to a provider.',
      nextStep: 'Give the connection too, or leave "group" out.',
    });
  };
  return {
    openSelector: () =>
      openEventSelector({ definition, platform, capabilities: refuse, reader: refuse }, trigger, input),
  };
}
