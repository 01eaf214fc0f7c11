import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { ActionDefinition, TriggerDefinition } from '../../../connector/definition/definition.ts';
import type { ManifestBundle } from '../../../connector/manifest/apply-overlay.ts';
import { createErrorLabels } from '../../kit/error-labels.ts';
import { findResources } from '../../kit/find-resources.ts';
import { titleCase } from '../../kit/title-case.ts';
import { actionProps, readActionForm } from '../form/action-form.ts';
import { propsOf, type ReferenceProp } from '../form/props.ts';
import { labelOf, pieceName, previewFirst } from '../form/words.ts';
import { createAuth } from './auth.ts';
import { openPieceSession, type PieceContext } from './piece-session.ts';
import type { AiMetadata, PiecesFramework } from './pieces-framework.ts';
import { pollOnce, startPolls, testPoll } from './poll-trigger.ts';

/** What the package has in addition to the declaration. */
export interface PieceOptions {
  /** Its icon. */
  readonly logoUrl: string;
  readonly print: PieceContext['print'];
}

/** Creates the piece of a manifest. */
export function createPiece(
  framework: PiecesFramework,
  declaration: ManifestBundle,
  { logoUrl, print }: PieceOptions,
): unknown {
  const definition = compileManifest(declaration);
  const context: PieceContext = { definition, print };
  const { Property, TriggerStrategy } = framework;
  const actionLabels = createErrorLabels(definition, labelOf, 'actions');
  const triggerLabels = createErrorLabels(definition, labelOf, 'triggers');
  const auth = createAuth(framework, context, actionLabels);

  const referenceProp: ReferenceProp = ({ resource: name = '' }, request) =>
    Property.Dropdown({
      ...request,
      auth,
      refreshers: [],
      refreshOnSearch: true,
      async options({ auth: given }, { searchValue = '' }) {
        const resource = definition.resources[name];
        if (given === undefined || resource === undefined)
          return { disabled: true, placeholder: 'Select a connection first', options: [] };
        const { session } = openPieceSession(context, given);
        const found = await findResources(definition, resource, session, searchValue);
        return { options: found.map(({ name: label, value }) => ({ label, value })) };
      },
    });

  const actionOf = (action: ActionDefinition): unknown =>
    framework.createAction({
      name: action.key,
      displayName: titleCase(action.title),
      description: action.description,
      aiMetadata: aiMetadataOf(action),
      auth,
      props: actionProps(Property, action, referenceProp),
      run: actionLabels.wrap(async ({ auth: given, propsValue }) => {
        const { input, dryRun } = readActionForm(action, propsValue);
        return openPieceSession(context, given).session.runAction(action.key, input, { dryRun });
      }),
    });

  const triggerOf = (trigger: TriggerDefinition): unknown =>
    framework.createTrigger({
      name: trigger.key,
      displayName: titleCase(trigger.nounTitle),
      description: trigger.description,
      auth,
      props: propsOf(Property, trigger.fields, referenceProp),
      type: TriggerStrategy.POLLING,
      sampleData: trigger.sample,
      onEnable: triggerLabels.wrap((step) => startPolls(context, trigger, step)),
      // The cursor stays: publishing a flow again disables and enables it.
      onDisable: async () => undefined,
      run: triggerLabels.wrap((step) => pollOnce(context, trigger, step)),
      test: triggerLabels.wrap((step) => testPoll(context, trigger, step)),
    });

  return framework.createPiece({
    displayName: pieceName,
    description: 'Create, update, and deprovision users, and react to changes, in any SCIM 2.0 provider.',
    logoUrl,
    authors: [],
    auth,
    actions: definition.actions.map(actionOf),
    triggers: definition.triggers.map(triggerOf),
  });
}

/** What agents know of an action, which is also a tool for them. */
function aiMetadataOf({ description, effect, idempotent, dryRun }: ActionDefinition): AiMetadata {
  const advice = effect === 'destructive' && dryRun !== undefined ? ` ${previewFirst(dryRun.field)}` : '';
  return { description: `${description}${advice}`, idempotent: effect === 'read' || idempotent };
}
