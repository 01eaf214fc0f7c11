import type { ActionDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError, invalidInput } from '../../connector/errors.ts';
import type { DryRun, DryRunRequest } from '../../connector/generated/types.ts';
import type { ScimClient, ScimRequest } from '../../connector/http/scim-client.ts';
import { problemTexts } from '../../connector/problem-texts.ts';
import { copyHabits, type ListHabits } from '../../connector/provider/habits.ts';
import { fill } from '../../schemas/fill.ts';
import type { ActionContext, Input } from '../operation.ts';
import { describeRecording, type RunEnd } from './describe-recording.ts';
import { maskSecrets, secretAttributes } from './mask-secrets.ts';
import { PredictedProvider, UnpredictableError } from './predicted-provider.ts';
import { Recording } from './recording.ts';

/**
 * Runs an action without changing anything: it reads what it would read, and returns what it would send and change. The
 * handler runs as always. Its changing requests are recorded instead of sent, and answered by a prediction.
 *
 * @throws ConnectorError as the action does, if reading shows that it would fail
 */
export async function dryRun(
  context: ActionContext,
  action: ActionDefinition,
  input: Input,
): Promise<DryRun> {
  if (action.dryRun === undefined)
    throw invalidInput([
      { path: 'dryRun', message: fill(problemTexts.dryRunOfRead, { action: action.key }) },
    ]);
  const reading = withOwnHabits(context);
  const recording = new Recording();
  const recorded = recordingContext(reading, new PredictedProvider(reading), recording);
  const end = await context
    .handlerOf(action)
    .run(recorded, action, input)
    .then(
      (output): RunEnd => ({ output }),
      (error: unknown): RunEnd => {
        // What an error says is done would only be done: then it is a part of the prediction.
        if (error instanceof UnpredictableError) return {};
        if (!(error instanceof ConnectorError) || !recording.hasChanges) throw error;
        return { error };
      },
    );
  return describeRecording(recording, context.definition, action, end);
}

/** The same context with habits of its own: what predicted answers show must not be remembered of the provider. */
function withOwnHabits(
  context: ActionContext,
  habits = copyHabits(context.habits),
  lists = new Map<string, ListHabits>(),
): ActionContext {
  return {
    ...context,
    habits,
    withDeadline: (row) => withOwnHabits(context.withDeadline(row), habits, lists),
    reader: (resource, signal) => {
      const reader = context.reader(resource, signal);
      const known = lists.get(resource.name) ?? { ...reader.habits };
      lists.set(resource.name, known);
      return { ...reader, habits: known, changes: habits };
    },
  };
}

/** The context of a run whose changing requests are recorded. */
function recordingContext(
  context: ActionContext,
  provider: PredictedProvider,
  recording: Recording,
): ActionContext {
  const secrets = secretAttributes(Object.values(context.definition.resources));
  const client: ScimClient = {
    connection: context.client.connection,
    async send(request) {
      if (isRead(request)) return provider.read(request, () => context.client.send(request));
      recording.requests.push(describeRequest(request, secrets));
      return provider.change(request, recording);
    },
  };
  return {
    ...context,
    client,
    reader: (resource, signal) => ({ ...context.reader(resource, signal), client }),
    withDeadline: (row) =>
      recordingContext(
        context.withDeadline(row),
        provider,
        row === undefined ? recording : recording.row(row),
      ),
  };
}

/** Whether a request only reads: a search by POST does, too (RFC 7644 §3.4.3). */
function isRead({ method, path }: ScimRequest): boolean {
  return method === 'GET' || (method === 'POST' && path.endsWith('/.search'));
}

function describeRequest(
  { method, path, query, body, ifMatch }: ScimRequest,
  secrets: ReadonlySet<string>,
): DryRunRequest {
  return {
    method,
    path: path.replaceAll(/%7B(\w+)%23(\d+)%7D/g, '{$1#$2}'),
    ...(query !== undefined && Object.keys(query).length > 0 && { query }),
    ...(body !== undefined && { body: maskSecrets(body, secrets) }),
    ...(ifMatch !== undefined && { ifMatch }),
  };
}
