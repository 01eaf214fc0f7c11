import { randomBytes } from 'node:crypto';
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { formatDryRun } from '../../../actions/dry-run/format-dry-run.ts';
import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import type { DryRun } from '../../../connector/generated/types.ts';
import type { Connector } from '../../../runtime/connector.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { printable } from '../../../schemas/printable.ts';
import { formTraits } from '../../kit/form-traits.ts';
import { previewFingerprint } from '../preview-fingerprint.ts';
import { removesAccess } from '../removes-access.ts';
import { confirmTexts, type StartWords } from '../words.ts';
import type { CallOptions } from './call-limit.ts';
import { refusal } from './tool-result.ts';

/** One call of an action. */
export interface ActionCall {
  readonly action: ActionDefinition;
  readonly input: unknown;
  readonly server: McpServer;
  readonly context: ServerContext;
}

/** Decides whether a call needs a person. */
export interface Confirmation {
  /** Verifies the state that a client returns with an answer. */
  readonly verify: (state: string, context: ServerContext) => Promise<unknown>;
  /**
   * Returns undefined if the action can be run. Otherwise, it returns what the client gets: a question for the person, or
   * a refusal. @throws ConnectorError if the action would fail
   */
  check(call: ActionCall, options: CallOptions): Promise<CallToolResult | InputRequiredResult | undefined>;
}

interface AskedState {
  /** What the person has seen. */
  readonly fingerprint: string;
}

const answerKey = 'confirm';

/**
 * Creates the confirmation of calls that remove access. A person sees the difference, and the answer counts for
 * exactly this difference: if the provider has changed since, the person is asked again.
 *
 * @param allowsDestructive - whether such calls run without a person if the client cannot ask
 */
export function createConfirmation(
  connector: Connector,
  allowsDestructive: boolean,
  words: StartWords,
): Confirmation {
  const codec = createRequestStateCodec<AskedState>({ key: randomBytes(32) });
  return {
    verify: codec.verify,
    async check(call, { signal }) {
      const { action, input, context, server } = call;
      const decisive = decisiveAction(action, input, connector);
      if (!canRemoveAccess(decisive)) return undefined;
      const approves = approvesHold(action, input);
      const asks = canAsk(server, context);
      if (!asks && approves) return refusal('not_confirmed', confirmTexts.hold, confirmTexts.holdStep);
      if (!asks && allowsDestructive) return undefined;
      const preview = (await connector.run(action.key, input, {
        dryRun: true,
        signal,
      })) as DryRun;
      // A dry run that was stopped can lack changes, and a person must see all of them.
      signal.throwIfAborted();
      if (!approves && !needsPerson(decisive, preview, connector)) return undefined;
      if (!asks) return refusal('not_confirmed', confirmTexts.noClient, confirmTexts.noClientStep(words));

      const fingerprint = previewFingerprint(action.key, input, preview);
      const asked = context.mcpReq.requestState<AskedState>();
      const answer = inputResponse(context.mcpReq.inputResponses, answerKey);
      if (asked?.fingerprint === fingerprint && answer.kind === 'elicit') {
        const content = acceptedContent<{ confirm?: unknown }>(context.mcpReq.inputResponses, answerKey);
        if (answer.action === 'accept' && content?.confirm === true) return undefined;
        return refusal('not_confirmed', confirmTexts.declined, confirmTexts.declinedStep);
      }
      return inputRequired({
        inputRequests: { [answerKey]: question(action, preview) },
        requestState: await codec.mint({ fingerprint }, context),
      });
    },
  };
}

/** The action whose traits say what a call can do: that of the rows, if each row is a run of another action. */
function decisiveAction(
  action: ActionDefinition,
  input: unknown,
  { definition }: Connector,
): ActionDefinition {
  const { bulk } = formTraits(action);
  if (bulk === undefined || !isRecord(input)) return action;
  const key = input[bulk.selector.key] ?? bulk.defaultAction;
  return definition.actions.find((one) => one.key === key) ?? action;
}

/** Whether the difference has to be known first: an action that only creates or adds takes nothing away. */
function canRemoveAccess({ effect, operation }: ActionDefinition): boolean {
  if (effect !== 'write') return effect === 'destructive';
  if (operation.type === 'create') return operation.onConflict !== 'fail';
  return operation.type !== 'members' || operation.change !== 'add';
}

function needsPerson(action: ActionDefinition, preview: DryRun, { definition }: Connector): boolean {
  if (preview.outcome === 'no_change') return false;
  return action.effect === 'destructive' || removesAccess(preview, definition);
}

/** Whether a call approves a hold of the safeguard, which only a person may do. */
function approvesHold({ operation }: ActionDefinition, input: unknown): boolean {
  if (operation.type !== 'apply' || typeof input !== 'object' || input === null) return false;
  return 'approve' in input && Array.isArray(input.approve) && input.approve.length > 0;
}

/** Whether the client can show a form: in the request since 2026-07-28, at the beginning of a connection before. */
function canAsk({ server }: McpServer, { mcpReq }: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {};
  const declared = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  const { elicitation } = declared ?? server.getClientCapabilities() ?? {};
  // An empty object is the form, as before there were modes.
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

function question({ title }: ActionDefinition, preview: DryRun): ReturnType<typeof inputRequired.elicit> {
  const lines = formatDryRun(preview).map(oneLine);
  return inputRequired.elicit({
    message: [confirmTexts.ask(title), ...lines].join('\n'),
    requestedSchema: {
      type: 'object',
      properties: { confirm: { type: 'boolean', title: confirmTexts.title, default: false } },
      required: ['confirm'],
    },
  });
}

/** A name with a line break must not look like another change. */
function oneLine(text: string): string {
  return printable(text).replace(/[\n\t]/g, ' ');
}
