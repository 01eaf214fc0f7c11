import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
} from '../../../connector/definition/definition.ts';

type Input = Readonly<Record<string, unknown>>;

/** An action that adds members to a group, or removes them, as an operation of one member: "Add to Group" of a user. */
export interface MemberOperation {
  /** The action with a field for one member instead of the list, and listed among the actions of the member. */
  readonly form: ActionDefinition;
  /** The fields that errors can name, by the keys of the action. */
  readonly fields: readonly Field[];
  /** The input of the action. */
  toInput(filled: Input): Input;
}

/** The operations of one member. To set all members of a group is an operation of the group alone. */
export function memberOperations({ actions, resources }: ConnectorDefinition): readonly MemberOperation[] {
  return actions.flatMap((action) => {
    const { operation, fields } = action;
    if (operation.type !== 'members' || operation.change === 'set') return [];
    const list = fields.find(({ kind }) => kind === 'references');
    const member = resources[list?.resource ?? ''];
    const home = actions.find(
      (one) => one.operation.type === 'read' && one.operation.resource === member?.name,
    );
    if (list === undefined || member === undefined || home === undefined) return [];
    const { reference } = member;
    const isAdding = operation.change === 'add';
    const [verb, preposition] = isAdding ? ['Add', 'to'] : ['Remove', 'from'];
    const container = resources[operation.resource]?.title.toLowerCase() ?? '';
    const one = member.title.toLowerCase();
    const form: ActionDefinition = {
      ...action,
      title: `${verb} ${one} ${preposition} ${container}`,
      description: `${verb}s one ${one} ${preposition} a ${container}. Succeeds if the ${one} is ${isAdding ? 'already' : 'not'} a member.`,
      group: home.group,
      fields: [{ ...reference, required: true }, ...fields.filter((field) => field !== list)],
    };
    return [
      {
        form,
        fields: [...form.fields, { ...reference, key: list.key }],
        toInput({ [reference.key]: one, ...rest }) {
          return one === undefined ? rest : { ...rest, [list.key]: [one] };
        },
      },
    ];
  });
}
