import { isRecord } from '../../../schemas/is-record.ts';
import type { N8nStateFunctions } from './n8n-functions.ts';

type State = Readonly<Record<string, unknown>>;

/** The entry of the workflow's static data with the states of the trigger nodes, by the IDs of the nodes. */
const statesKey = 'scimTriggerStates';

/**
 * The state of a trigger node. n8n stores the static data of a node by its name: a renamed node finds its state in the
 * static data of the workflow. That one is a copy, because n8n's durable poll cursors cover the static data of nodes only.
 */
export function readNodeState(functions: N8nStateFunctions): State {
  const { id } = functions.getNode();
  const { nodeId = id, ...state } = functions.getWorkflowStaticData('node');
  // The state of another node, which had the name before, is not that of this one.
  if (nodeId === id && Object.keys(state).length > 0) return state;
  const copy = readCopies(functions)[id];
  return isRecord(copy) ? copy : {};
}

/** Keeps the state of a trigger node, in place of the one before. */
export function writeNodeState(functions: N8nStateFunctions, state: State): void {
  const { id } = functions.getNode();
  const stored = functions.getWorkflowStaticData('node');
  for (const key of Object.keys(stored)) if (!(key in state)) delete stored[key];
  Object.assign(stored, state, { nodeId: id });
  functions.getWorkflowStaticData('global')[statesKey] = { ...readCopies(functions), [id]: { ...state } };
}

function readCopies(functions: N8nStateFunctions): State {
  const copies = functions.getWorkflowStaticData('global')[statesKey];
  return isRecord(copies) ? copies : {};
}
