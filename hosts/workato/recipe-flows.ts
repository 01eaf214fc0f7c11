import type {
  ActionDefinition,
  ConnectorDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';

/** A step of an example recipe: one of this connector, found by its operation, or one of another app. */
export type RecipeStep =
  | { readonly kind: 'ours'; readonly entry: ActionDefinition | TriggerDefinition; readonly why: string }
  | { readonly kind: 'other'; readonly what: string };

/** An example recipe. */
export interface RecipeFlow {
  readonly title: string;
  readonly steps: readonly RecipeStep[];
}

type Find = (definition: ConnectorDefinition) => ActionDefinition | TriggerDefinition | undefined;

const ours = (find: Find, why: string) => ({ find, why });

const action =
  (fits: (one: ActionDefinition) => boolean): Find =>
  ({ actions }) =>
    actions.find(fits);

const trigger =
  (fits: (one: TriggerDefinition) => boolean): Find =>
  ({ triggers }) =>
    triggers.find(fits);

const upsert = action(({ operation }) => operation.type === 'create' && operation.onConflict === 'update');
const setRole = action(({ group, operation }) => group === 'Roles' && operation.type === 'patch');
const addMembers = action(({ operation }) => operation.type === 'members' && operation.change === 'add');
const deactivate = action(({ operation }) => operation.type === 'patch' && operation.onGone === 'done');
const lookUp = action(({ operation }) => operation.type === 'read' && operation.onMissing === 'null');
const leaves = trigger(
  ({ detect }) => detect.types.includes('deactivate') && detect.types.includes('delete'),
);
const changesRole = trigger(({ detect }) => detect.changed !== undefined && !detect.types.includes('delete'));

const flows = [
  {
    title: 'New employee: create the account, role, and groups',
    steps: [
      'New employee in your HR system (its own trigger)',
      ours(upsert, 'Map the work email to the username. A rerun changes only what differs.'),
      ours(setRole, 'Select the environment, and the role by job title.'),
      ours(addMembers, 'Identify the group by its name, and the member by the username.'),
    ],
  },
  {
    title: 'Leaver: end access and notify the manager',
    steps: [
      'Employee terminated in your HR system (its own trigger)',
      ours(lookUp, 'Identify the user by email. Stop if the ID is not present.'),
      ours(
        deactivate,
        'Identify the user by the ID from the previous step. The step fails if the user stays active.',
      ),
      'Create a ticket for the manager in your service desk, with the time from the previous step',
    ],
  },
  {
    title: 'Unexpected role change or loss of access: alert the security team',
    steps: [
      ours(changesRole, 'Set "New role" to the role to monitor.'),
      'Post to the security channel: the user (Username under Subject), and the previous and new role (under Changes)',
      ours(leaves, 'In a second recipe. The event type says whether the user was deactivated or deleted.'),
      'Close the open tasks of the user, and remove the user from on-call schedules',
    ],
  },
] as const;

/** The three most common recipes, if the definition has their steps. No step is known by its key. */
export function recipeFlows(definition: ConnectorDefinition): readonly RecipeFlow[] {
  return flows.flatMap(({ title, steps }) => {
    const found = steps.map((step): RecipeStep | undefined => {
      if (typeof step === 'string') return { kind: 'other', what: step };
      const entry = step.find(definition);
      return entry && { kind: 'ours', entry, why: step.why };
    });
    return found.every((step) => step !== undefined) ? [{ title, steps: found }] : [];
  });
}
