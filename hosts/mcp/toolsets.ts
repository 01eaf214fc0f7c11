import type { ActionDefinition } from '../../connector/definition/definition.ts';

/** The sets of actions that a server can offer. A model reads the schemas of all of them before it does anything. */
export const toolsets = {
  'read-only': 'actions that change nothing',
  everyday: 'the everyday work of an administrator, changes included',
  all: 'every action',
} as const;

export type ToolsetName = keyof typeof toolsets;

export const toolsetNames = Object.keys(toolsets) as readonly ToolsetName[];

/** The toolset of a server if none is selected. */
export const defaultToolset: ToolsetName = 'read-only';

/** Whether an action is in a toolset. */
export function isInToolset({ effect, everyday }: ActionDefinition, toolset: ToolsetName): boolean {
  if (toolset === 'read-only') return effect === 'read';
  return toolset === 'all' || everyday;
}
