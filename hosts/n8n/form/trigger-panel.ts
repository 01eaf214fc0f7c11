import type { ConnectorDefinition, SourceDefinition } from '../../../connector/definition/definition.ts';
import { sources } from '../../../triggers/sources/sources.ts';
import { titleCase } from '../../kit/title-case.ts';
import { toHtml } from '../../kit/to-html.ts';
import { senderSetup } from './sender-setup.ts';

/** The part of n8n's `TriggerPanelDefinition` that the nodes use. The editor shows it in place of the node's input. */
export interface TriggerPanel {
  readonly header: string;
  /** The answer to "When will this node trigger my flow?", before and after the workflow is published. HTML. */
  readonly executionsHelp: { readonly inactive: string; readonly active: string };
}

/** Where n8n lists executions. */
const executions = '<a data-key="executions">executions list</a>';

/** The panel of the polling node. */
export function pollPanel({ sources: declared }: ConnectorDefinition): TriggerPanel {
  const build =
    '<b>While you build the workflow</b>, click "Fetch Test Event". It returns a change since the last poll, which is still reported later. Without a change, it returns a made-up event with <b>isSample</b>.';
  const run = `n8n polls at the times in <b>Poll Times</b>, and reports changes since the workflow was first published. The executions are in the ${executions}. A poll without changes has none.`;
  return {
    header: 'Pull in changes of users and groups',
    executionsHelp: helpOf(build, run, setupOf(declared, 'pull', '')),
  };
}

/** The panel of the webhook node: how to set up each sender. */
export function webhookPanel({ sources: declared }: ConnectorDefinition): TriggerPanel {
  const build =
    '<b>While you build the workflow</b>, click "Execute step", and let the sender send an event to the <b>Test URL</b>. The safety limit does not apply to test events.';
  const run = `Each message to the <b>Production URL</b> starts an execution. The executions are in the ${executions}. Rejected messages start none: n8n's log has the reason.`;
  return {
    header: 'Receive events about users and groups',
    executionsHelp: helpOf(build, run, setupOf(declared, 'push', 'the Production URL')),
  };
}

function helpOf(build: string, run: string, setup: string): TriggerPanel['executionsHelp'] {
  return {
    inactive: [build, `<b>Once the workflow is complete</b>, publish it. ${run}`, setup].join(pause),
    active: [build, `<b>The workflow is published.</b> ${run}`, setup].join(pause),
  };
}

const pause = '<br /><br />';

/** The steps at each sender whose events arrive in this way. */
function setupOf(declared: readonly SourceDefinition[], delivery: 'push' | 'pull', url: string): string {
  const senders = declared
    .filter(({ type }) => sources[type].delivery === delivery)
    .map((source) => {
      const { steps, docs } = senderSetup(source, url);
      const numbered = steps.map((step, index) => `${index + 1}. ${step}`);
      return [`<b>${toHtml(titleCase(source.title))}</b>`, ...numbered, ...docs].join('<br />');
    });
  return ['<b>How to set up the sender</b> of a credential SCIM Events API', ...senders].join(pause);
}
