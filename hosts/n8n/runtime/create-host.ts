import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { createErrorLabels } from '../../kit/error-labels.ts';
import { formTraits } from '../../kit/form-traits.ts';
import { type BulkResource, bulkResources } from '../form/bulk-form.ts';
import { type MemberOperation, memberOperations } from '../form/member-operations.ts';
import { labelOf, resourceValue } from '../form/words.ts';
import { parameterLabels, parameterNames } from '../parameter-names.ts';
import { connectionProblem } from './connection-problem.ts';
import type { CredentialData } from './credentials.ts';
import { attributeMethods, columnMethods, searchMethods } from './list-methods.ts';
import type { N8nFunctions, N8nItemFunctions, N8nSleep, N8nTestFunctions } from './n8n-functions.ts';
import { type N8nSession, openN8nSession } from './n8n-session.ts';
import { createPipelineOpener, createSourceOpener, createSubscriberOpener } from './open-source.ts';
import { createPollTrigger, type PollTrigger } from './poll-trigger.ts';
import {
  createEventRelease,
  createWebhookReceiver,
  type ReceiveWebhook,
  type ReleaseEvents,
} from './receive-webhook.ts';
import { runBulk } from './run-bulk.ts';
import { asError, type ItemResult, type RunOptions, runItems } from './run-items.ts';
import { runSync } from './run-sync.ts';
import { createSharedAuthenticators } from './shared-authenticators.ts';
import { type SourceTest, testEventSource } from './source-test.ts';
import { isTool, requireModelInput, toolResult } from './tool-items.ts';
import { createWebhookSubscription, type WebhookSubscription } from './webhook-subscription.ts';

/** The functions that the nodes of the package call. */
export interface N8nHost {
  /** Runs the selected operation for every item. */
  execute(functions: N8nItemFunctions, options: RunOptions): Promise<readonly ItemResult[]>;
  /** Polls once for the events of the selected trigger; null without events. */
  readonly poll: PollTrigger;
  readonly receive: ReceiveWebhook;
  /** The items with which an execution of the webhook node goes on. */
  readonly release: ReleaseEvents;
  /** n8n's `webhookMethods` of the webhook that receives events. */
  readonly subscription: WebhookSubscription;
  /** The problem with the credential of a connection, which lists one user; undefined if it works. */
  connectionProblem(
    functions: N8nTestFunctions,
    credentialName: string,
    data: CredentialData,
  ): Promise<string | undefined>;
  /** Tests the credential of an event source, as far as possible without an event. */
  testEventSource(functions: N8nTestFunctions, data: CredentialData): Promise<SourceTest>;
  /** n8n's `methods.listSearch`. */
  readonly listSearch: ReturnType<typeof searchMethods>;
  /** n8n's `methods.loadOptions`. */
  readonly loadOptions: ReturnType<typeof attributeMethods>;
  /** n8n's `methods.resourceMapping`. */
  readonly resourceMapping: ReturnType<typeof columnMethods>;
}

/** The operation that is selected in a node. */
interface Selected {
  readonly action: ActionDefinition;
  /** Of a bulk action that takes one row from each item, whose rows run the action. */
  readonly bulk?: BulkResource | undefined;
  readonly member?: MemberOperation;
}

/** A session that runs the action of an operation of one member. */
function sessionOfMember(session: N8nSession, { toInput }: MemberOperation): N8nSession {
  return {
    ...session,
    run: (action, form, options) => session.run(action, { ...form, input: toInput(form.input) }, options),
  };
}

/** Creates the connector of a manifest for n8n. `sleep` is n8n's own. */
export function createHost(declaration: ManifestBundle, sleep: N8nSleep): N8nHost {
  const definition = compileManifest(declaration);
  const authenticators = createSharedAuthenticators(sleep);
  const open = (functions: N8nFunctions): Promise<N8nSession> =>
    openN8nSession(declaration, definition, functions, sleep, authenticators);
  const openSource = createSourceOpener(definition, sleep);
  const openPipeline = createPipelineOpener(definition, open, sleep);

  const errors = createErrorLabels(definition, labelOf, 'actions', parameterLabels);
  const triggerErrors = createErrorLabels(definition, labelOf, 'triggers', parameterLabels);
  const {
    exists,
    create,
    delete: remove,
  } = createWebhookSubscription(
    definition,
    openSource,
    createSubscriberOpener(definition, sleep),
    openPipeline,
  );

  const bulks = bulkResources(definition);
  const members = memberOperations(definition);
  const selected = (functions: N8nItemFunctions): Selected => {
    const resource = functions.getNodeParameter(parameterNames.resource, 0);
    const key = functions.getNodeParameter(parameterNames.operation, 0);
    const member = members.find(({ form }) => form.key === key && resourceValue(form.group) === resource);
    if (member !== undefined) return { action: member.form, member };
    const action = definition.actions.find((candidate) => candidate.key === key);
    if (action !== undefined) return { action, bulk: bulks.find(({ value }) => value === resource) };
    throw invalidInput([
      { path: parameterNames.operation, message: `is unknown ("${key}"): select one from the list` },
    ]);
  };

  const run = async (
    { action, bulk, member }: Selected,
    functions: N8nItemFunctions,
    options: RunOptions,
  ): Promise<readonly ItemResult[]> => {
    const { changes } = formTraits(action);
    if (isTool(functions)) requireModelInput(action, functions);
    const opened = await open(functions);
    const session = member === undefined ? opened : sessionOfMember(opened, member);
    const results =
      bulk !== undefined
        ? await runBulk(definition, bulk, action, functions, session, {
            ...options,
            label: (error) => errors.label(error, action.fields),
          })
        : changes === undefined
          ? await runItems(definition, action, functions, session, options)
          : await runSync(action, changes, functions, session, options);
    return results.map(({ error, ...result }) =>
      error === undefined
        ? result
        : { ...result, error: errors.label(error, member?.fields ?? action.fields) },
    );
  };
  const runTool = async (
    operation: Selected,
    functions: N8nItemFunctions,
    count: number,
  ): Promise<readonly ItemResult[]> => {
    // Without a session, such as with a credential that is incomplete, every item fails.
    const fail = (error: unknown): readonly ItemResult[] =>
      Array.from({ length: count }, () => ({ outputs: [], error: errors.label(asError(error)) }));
    const results = await run(operation, functions, { count, continueOnFail: true }).catch(fail);
    return results.map((result) => toolResult(definition, operation.action, result));
  };

  return {
    execute: errors.wrap(async (functions, options) => {
      const operation = selected(functions);
      if (isTool(functions)) return runTool(operation, functions, options.count);
      return run(operation, functions, options);
    }),
    poll: triggerErrors.wrap(createPollTrigger(definition, open, openSource, openPipeline)),
    receive: triggerErrors.wrap(createWebhookReceiver(definition, openSource, openPipeline)),
    release: triggerErrors.wrap(createEventRelease(definition)),
    subscription: {
      exists: triggerErrors.wrap(exists),
      create: triggerErrors.wrap(create),
      delete: triggerErrors.wrap(remove),
    },
    connectionProblem: (functions, name, data) =>
      connectionProblem({ definition, errors, sleep }, functions, name, data),
    testEventSource: (functions, data) =>
      testEventSource({ definition, errors: triggerErrors, sleep }, functions, data),
    listSearch: searchMethods(definition, open),
    loadOptions: attributeMethods(definition, open),
    resourceMapping: columnMethods(definition),
  };
}
