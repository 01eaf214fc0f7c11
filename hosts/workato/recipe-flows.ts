import type {
  ActionDefinition,
  ConnectorDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';

/** A step of an example recipe: one of ours, found by what it does, or one of another app. */
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
    title: 'Somebody joins: give them their account, role and groups',
    steps: [
      'New employee in your HR system (its own trigger)',
      ours(upsert, 'Map the work e-mail to the user name. Run again, it changes only what differs.'),
      ours(setRole, 'Choose the environment, and the role by job title.'),
      ours(addMembers, 'Name the group by its name, and the member by the ID from the step before.'),
    ],
  },
  {
    title: 'Somebody leaves: end their access, and tell those who have to know',
    steps: [
      'Employee terminated in your HR system (its own trigger)',
      ours(lookUp, 'Name the user by e-mail; stop when the ID is not present.'),
      ours(
        deactivate,
        'Name the user by the ID from the step before. It fails if the provider leaves them active.',
      ),
      'Create a ticket for the manager in your service desk, with the time from the step before',
    ],
  },
  {
    title: 'A role changes, or access is lost, without you: raise the alarm',
    steps: [
      ours(changesRole, 'Set "Only to this role" to the role that matters.'),
      'Post to the security channel: who (user name under Subject), from which role to which (under Changes)',
      ours(leaves, 'In a second recipe: the type says whether they were deactivated or deleted.'),
      'Close their open tasks, and remove them from on-call schedules',
    ],
  },
] as const;

/** The three commonest recipes, as far as a definition has the steps for them; none is known by its key. */
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
