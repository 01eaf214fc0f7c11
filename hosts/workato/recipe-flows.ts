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
const offboard = action(({ operation }) => operation.type === 'sequence');
const inBatch = action(({ operation }) => operation.type === 'bulk');
const lookUp = action(({ operation }) => operation.type === 'read' && operation.onMissing === 'null');
const leaves = trigger(
  ({ detect }) => detect.types.includes('deactivate') && detect.types.includes('delete'),
);
const changesRole = trigger(({ detect }) => detect.changed !== undefined && !detect.types.includes('delete'));

const flows = [
  {
    title: 'New employee: create the account, role, and groups',
    steps: [
      'New employee in your HR system, or a new row in a sheet (its own trigger)',
      ours(
        upsert,
        'Map the work email to the username, in text mode: a blank cell then counts as not given. A rerun changes only what differs.',
      ),
      ours(
        setRole,
        'Select the environment, and the role by job title. Add a condition if the role can be blank.',
      ),
      ours(addMembers, 'Identify the group by its name, and the member by the username.'),
    ],
  },
  {
    title: 'Leaver: end access and notify the manager',
    steps: [
      'Employee terminated in your HR system (its own trigger)',
      ours(lookUp, 'Identify the user by email. Stop if the ID is not present.'),
      ours(offboard, 'Identify the user by the ID from the previous step.'),
      'Send the manager a message: what was done is under Steps, with the outcome of each',
    ],
  },
  {
    title: 'Nightly update of many users',
    steps: [
      'Scheduler, every night',
      'Get the rows of a sheet or of a report',
      ours(
        inBatch,
        'Select the action for the rows, and map the list of rows. A row that fails does not fail the step.',
      ),
      'For each item of Results whose OK is false: post the row number and the error message',
    ],
  },
  {
    title: 'Unexpected role change or loss of access: alert the security team',
    steps: [
      ours(changesRole, 'Set "New role" to the role to monitor.'),
      'Post to the security channel: the user (Username under Subject), Previous role, and New role',
      ours(leaves, 'In a second recipe. The event type says whether the user was deactivated or deleted.'),
      'Close the open tasks of the user, and remove the user from on-call schedules',
    ],
  },
] as const;

/** The most common recipes, if the definition has their steps. No step is known by its key. */
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
