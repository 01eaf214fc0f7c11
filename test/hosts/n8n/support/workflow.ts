import { packageName } from './package-name.ts';

/** A node of a workflow, as n8n keeps it. */
export interface WorkflowNode {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly position: readonly [number, number];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly credentials?: Readonly<Record<string, { readonly id: string; readonly name: string }>>;
  readonly onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
  readonly webhookId?: string;
  readonly executeOnce?: boolean;
}

/** A workflow, as n8n keeps it. */
export interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly active: false;
  readonly nodes: readonly WorkflowNode[];
  readonly connections: Readonly<Record<string, { readonly main: readonly (readonly Link[])[] }>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

interface Link {
  readonly node: string;
  readonly type: 'main';
  readonly index: 0;
}

/** The types of our nodes in n8n. */
export const nodeTypes = {
  scim: `${packageName}.scim`,
  scimTrigger: `${packageName}.scimTrigger`,
  scimWebhookTrigger: `${packageName}.scimWebhookTrigger`,
} as const;

type NodeParts = Pick<WorkflowNode, 'name' | 'type' | 'parameters'> & Partial<WorkflowNode>;

/** A node, with what n8n wants of every one. */
export function workflowNode({ name, type, parameters, ...rest }: NodeParts): WorkflowNode {
  return { id: `id-${name}`, name, type, typeVersion: 1, position: [0, 0], parameters, ...rest };
}

/** A workflow of consecutive nodes. One workflow can have several such chains. */
export function workflow(id: string, ...lines: readonly (readonly WorkflowNode[])[]): Workflow {
  const links = lines.flatMap((line) =>
    line.slice(0, -1).map((node, index) => {
      const next = line[index + 1];
      return [
        node.name,
        { main: [[{ node: next?.name ?? '', type: 'main' as const, index: 0 as const }]] },
      ] as const;
    }),
  );
  return {
    id,
    name: id,
    active: false,
    nodes: lines.flat().map((node, index) => ({ ...node, position: [index * 200, 0] as const })),
    connections: Object.fromEntries(links),
    settings: { executionOrder: 'v1' },
  };
}
