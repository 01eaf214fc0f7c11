import { nodeTypes, type Workflow, type WorkflowNode, workflow, workflowNode } from './workflow.ts';

/** The credential of the sandbox, in every workflow of the tests. */
export const scimCredential = { scimApi: { id: 'scim-credential', name: 'SCIM of the sandbox' } } as const;

/** A SCIM node with these parameters. */
export function scimNode(
  parameters: Readonly<Record<string, unknown>>,
  rest: Partial<WorkflowNode> = {},
): WorkflowNode {
  return workflowNode({
    name: 'SCIM',
    type: nodeTypes.scim,
    parameters,
    credentials: scimCredential,
    ...rest,
  });
}

/** A workflow that a person starts: the items, then a SCIM node for each of them. */
export function manualWorkflow(id: string, node: WorkflowNode, items: readonly object[] = [{}]): Workflow {
  return workflow(id, [
    workflowNode({ name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} }),
    workflowNode({
      name: 'Items',
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      parameters: { mode: 'raw', jsonOutput: JSON.stringify({ items }), options: {} },
    }),
    workflowNode({
      name: 'Each',
      type: 'n8n-nodes-base.splitOut',
      parameters: { fieldToSplitOut: 'items', options: {} },
    }),
    node,
  ]);
}
