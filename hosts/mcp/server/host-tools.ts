import type { CallToolResult, ServerContext } from '@modelcontextprotocol/server';
import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import { dryRunDefinition } from '../../../connector/definition/dry-run.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { readInput } from '../../../connector/read-input.ts';
import type { Connector } from '../../../runtime/connector.ts';
import { notDeclared } from '../../../runtime/prepare.ts';
import type { JsonSchema } from '../../../schemas/json-schema.ts';
import { describeAction, listActions } from '../describe-action.ts';
import { summarizeRoles } from '../role-summary.ts';
import { shortOutputSchema } from '../short-schema.ts';
import type { ToolDescription } from '../tool-of-action.ts';
import { hostTools } from '../words.ts';
import type { CallLimit, CallOptions } from './call-limit.ts';
import type { Calls } from './run-action.ts';
import { errorResult, successResult } from './tool-result.ts';

/** A tool that is not an action. */
export interface HostTool extends ToolDescription {
  call(input: unknown, context: ServerContext): Promise<CallToolResult>;
}

const { describe, preview, report, calls } = hostTools;
const text: JsonSchema = { type: 'string', minLength: 1 };
const object: JsonSchema = { type: 'object' };

/** The tools that are not actions. There is no preview where nothing can be changed. @param offered - the actions */
export function createHostTools(
  connector: Connector,
  offered: readonly ActionDefinition[],
  { limit, log, plans }: Calls,
): readonly HostTool[] {
  const { actions } = connector.definition;
  const actionOf = (key: string, among: readonly ActionDefinition[]): ActionDefinition => {
    const action = among.find((one) => one.key === key);
    if (action !== undefined) return action;
    throw notDeclared(
      'action',
      key,
      among.map((one) => one.key),
    );
  };
  const changing = offered.filter(({ effect }) => effect !== 'read');
  const tool = (...parts: HostToolParts): HostTool => hostTool(limit, ...parts);
  const describing = tool(
    describe,
    { action: { ...text, description: describe.action } },
    [],
    object,
    async ({ action }) =>
      action === undefined
        ? { actions: listActions(actions, offered) }
        : describeAction(actionOf(String(action), actions), offered),
  );
  const previewing = tool(
    preview,
    {
      action: { ...text, enum: changing.map(({ key }) => key), description: preview.action },
      input: { ...object, description: preview.input },
    },
    ['action', 'input'],
    dryRunDefinition.output,
    async ({ action: key, input }, { signal }) => {
      const action = actionOf(String(key), changing);
      const shown = await connector.run(action.key, plans.restore(action, input), { dryRun: true, signal });
      // A dry run that was stopped can lack changes.
      signal.throwIfAborted();
      return shown;
    },
  );
  const reporting = tool(
    report,
    {
      filter: { ...text, description: report.filter },
      ownerRoles: { type: 'array', items: text, description: report.ownerRoles },
      limit: { type: 'integer', minimum: 0, maximum: 1000, default: 50, description: report.limit },
    },
    [],
    object,
    async ({ filter, ownerRoles, limit: most }, options) =>
      summarizeRoles(
        await connector.reportRoles({
          ...options,
          filter: filter as string | undefined,
          ownerRoles: ownerRoles as readonly string[] | undefined,
        }),
        Number(most),
      ),
  );
  const reportingCalls = tool(
    calls,
    { call: { ...text, description: calls.call } },
    [],
    object,
    async ({ call }, { signal }) => {
      if (call === undefined) return { calls: await log.list(signal) };
      const found = await log.find(String(call), signal);
      if (found === undefined) throw invalidInput([{ path: 'call', message: calls.unknown }]);
      return found;
    },
  );
  return changing.length === 0
    ? [describing, reporting]
    : [describing, previewing, reportingCalls, reporting];
}

type HostToolParts = readonly [
  shown: Pick<ToolDescription, 'name' | 'title' | 'description'>,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
  output: JsonSchema,
  run: (input: Readonly<Record<string, unknown>>, options: CallOptions) => Promise<unknown>,
];

function hostTool(
  limit: CallLimit,
  ...[{ name, title, description }, properties, required, output, run]: HostToolParts
): HostTool {
  const schema: JsonSchema = { type: 'object', properties, required, additionalProperties: false };
  return {
    name,
    title,
    description,
    inputSchema: schema,
    outputSchema: shortOutputSchema(output),
    annotations: { readOnlyHint: true },
    async call(input, context) {
      try {
        return successResult(await limit(context, (options) => run(readInput(schema, input), options)));
      } catch (error) {
        return errorResult(error);
      }
    },
  };
}
