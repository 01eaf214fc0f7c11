import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { EventReading } from '../../../runtime/event-reading.ts';
import { readingWithoutProvider } from '../../../runtime/reading-without-provider.ts';
import { credentialName } from './credential-name.ts';
import type { N8nSleep, N8nTriggerFunctions } from './n8n-functions.ts';
import { createN8nRuntime, unauthenticated } from './n8n-runtime.ts';
import type { N8nSession } from './n8n-session.ts';
import type { TriggerForm } from './read-trigger-form.ts';

/** Opens how the events of a source are read for what was filled in. @throws ConnectorError `invalid_input` */
export type ReadingOpener = (functions: N8nTriggerFunctions, form: TriggerForm) => Promise<EventReading>;

/**
 * Makes that. Where the node has a connection to the provider, it is asked for what the events leave out, and for the
 * group that they are narrowed to.
 */
export function createReadingOpener(
  definition: ConnectorDefinition,
  open: (functions: N8nTriggerFunctions) => Promise<N8nSession>,
  sleep: N8nSleep,
): ReadingOpener {
  return async (functions, { trigger, input }) => {
    if (functions.getNode().credentials?.[credentialName] !== undefined)
      return (await open(functions)).session.reading(trigger.key, input);
    const runtime = createN8nRuntime(functions, unauthenticated(functions), sleep);
    return readingWithoutProvider(definition, runtime, trigger.key, input);
  };
}
