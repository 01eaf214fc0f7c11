import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { EventPipeline } from '../../../runtime/watch/event-pipeline.ts';
import { createOfflinePipeline } from '../../../runtime/watch/offline-pipeline.ts';
import { credentialName } from './credential-name.ts';
import type { N8nSleep, N8nTriggerFunctions } from './n8n-functions.ts';
import { createN8nPlatform, unauthenticated } from './n8n-platform.ts';
import type { N8nSession } from './n8n-session.ts';
import type { TriggerForm } from './read-trigger-form.ts';

/** Opens how the events of a source are read for what was filled in. @throws ConnectorError `invalid_input` */
export type PipelineOpener = (functions: N8nTriggerFunctions, form: TriggerForm) => Promise<EventPipeline>;

/**
 * Makes that. Where the node has a connection to the provider, it is asked for what the events omit, and for the
 * group that they are narrowed to.
 */
export function createPipelineOpener(
  definition: ConnectorDefinition,
  open: (functions: N8nTriggerFunctions) => Promise<N8nSession>,
  sleep: N8nSleep,
): PipelineOpener {
  return async (functions, { trigger, input }) => {
    if (functions.getNode().credentials?.[credentialName] !== undefined)
      return (await open(functions)).session.eventPipeline(trigger.key, input);
    const platform = createN8nPlatform(functions, unauthenticated(functions), sleep);
    return createOfflinePipeline(definition, platform, trigger.key, input);
  };
}
