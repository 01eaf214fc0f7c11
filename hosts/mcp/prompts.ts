import type { JsonSchema } from '../../schemas/json-schema.ts';
import { enteredData } from './provider-data.ts';

/** A prompt that a person selects in a client. */
export interface PromptDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: JsonSchema;
  /** What the model reads, with the arguments as data. */
  text(given: Readonly<Record<string, unknown>>): string;
}

const text = (description: string): JsonSchema => ({ type: 'string', minLength: 1, description });

function argumentsOf(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[],
): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** The steps of both prompts name no action: which ones there are depends on the toolset and on overlays. */
function steps(title: string, given: Readonly<Record<string, unknown>>, lines: readonly string[]): string {
  return [
    title,
    enteredData(given),
    ...lines.map((line, index) => `${index + 1}. ${line}`),
    'If the server offers no tool for a step, say so, and go on with the next step. Report only what a result shows.',
  ].join('\n');
}

export const prompts: readonly PromptDescription[] = [
  {
    name: 'onboard',
    title: 'Onboard a user',
    description: 'Creates a user, and sets the role and the groups.',
    arguments: argumentsOf(
      {
        email: text('Email address of the user.'),
        name: text('Full name of the user.'),
        role: text('Role to set.'),
        groups: text('Names of the groups to join, separated by commas.'),
      },
      ['email'],
    ),
    text: (given) =>
      steps('Onboard a user in the directory.', given, [
        'Find out whether the user exists. If so, show what you found, and ask whether to go on.',
        'Show the person what you are going to create and change, and wait for an answer.',
        'Create the user, or update it if it exists.',
        'Set the role, if one is given. Ask for the environment if roles have several.',
        'Add the user to each of the groups, if there are any. Create no group that does not exist: report it.',
        'Read the user again, and report the role and the groups that the directory shows.',
      ]),
  },
  {
    name: 'offboard',
    title: 'Offboard a user',
    description: "Ends a user's access, memberships, and roles, after a confirmation.",
    arguments: argumentsOf({ user: text('Email address or username of the user.') }, ['user']),
    text: (given) =>
      steps('Offboard a user in the directory.', given, [
        'Find the user. If several users match, stop, and ask which one is meant.',
        'Show the user, its roles, and its groups. If it is the manager of others, name them.',
        'Preview the offboarding, show what would change, and wait for the confirmation of the person.',
        'Offboard the user. Access ends first.',
        'Report what was done and what was not, with the next step of each error.',
      ]),
  },
];
