/** The part of n8n's `TriggerPanelDefinition` that the nodes use. The editor shows it in place of the node's input. */
export interface TriggerPanel {
  readonly header: string;
  /** The answer to "When will this node trigger my flow?", before and after the workflow is published. HTML. */
  readonly executionsHelp: { readonly inactive: string; readonly active: string };
}

/** Where n8n lists executions. */
const executions = '<a data-key="executions">executions list</a>';

const pause = '<br /><br />';

/** The panel of the polling node. */
export const pollPanel: TriggerPanel = {
  header: 'Pull in changes of users and groups',
  executionsHelp: helpOf({
    build:
      'click "Fetch Test Event". It returns a change since the last poll, which is still reported later. Without a change, it returns a made-up event with <b>isSample</b>.',
    run: `n8n polls at the times in <b>Poll Times</b>, and reports changes since the workflow was first published. The executions are in the ${executions}. A poll without changes has none.`,
  }),
};

/** The panel of the webhook node. */
export const webhookPanel: TriggerPanel = {
  header: 'Receive events about users and groups',
  executionsHelp: helpOf({
    build:
      'click "Execute step", and let the sender send an event to the <b>Test URL</b>. The safety limit does not apply to test events.',
    run: `Each message to the <b>Production URL</b> starts an execution. The executions are in the ${executions}. Rejected messages start none: n8n's log has the reason.`,
  }),
};

/**
 * The steps at each sender are not in it: the credential shows those of the selected one. On a small screen, n8n's editor
 * cuts off a long answer at the top, along with the button that closes it.
 */
function helpOf({ build, run }: { build: string; run: string }): TriggerPanel['executionsHelp'] {
  const first = `<b>While you build the workflow</b>, ${build}`;
  const setup =
    'The credential <b>SCIM Events API</b> shows how to set up the sender of its <b>Event Source</b>.';
  return {
    inactive: [first, `<b>Once the workflow is complete</b>, publish it. ${run}`, setup].join(pause),
    active: [first, `<b>The workflow is published.</b> ${run}`, setup].join(pause),
  };
}
