import { setTimeout as sleep } from 'node:timers/promises';
import { createHost } from '../../../hosts/n8n/runtime/create-host.ts';
import type { N8nItemFunctions, N8nPollFunctions } from '../../../hosts/n8n/runtime/n8n-functions.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { describeHostParity } from '../host-parity.ts';
import { hostTable } from '../parity-table.ts';
import { functionsWith } from './support/functions-with.ts';
import { credentialData, n8nValues, parametersOf } from './support/parity.ts';

// The node with a fake of n8n, so that time can be skipped. parity.engine.ts runs it in the real engine.
const open = () => createHost(loadManifest(), (ms) => sleep(ms));

describeHostParity({
  row: hostTable.n8n,
  ...n8nValues,
  async run(connection, action, input, isDryRun) {
    const parameters = parametersOf(action, input, isDryRun);
    const functions = {
      ...functionsWith('bearer', credentialData(connection)),
      getNodeParameter: (name: string, _: number, fallback?: unknown) => parameters[name] ?? fallback,
    } as N8nItemFunctions;
    const results = await open().execute(functions, { count: 1, continueOnFail: true });
    const error = results.find((result) => result.error !== undefined)?.error;
    return error === undefined
      ? { result: results.flatMap(({ outputs }) => outputs) }
      : { error: error.message };
  },
  async poll(connection, event, state = {}) {
    const parameters: Readonly<Record<string, unknown>> = { event, options: { startFrom: 'beginning' } };
    const functions = {
      ...functionsWith('bearer', credentialData(connection)),
      getNodeParameter: (name: string, fallback?: unknown) => parameters[name] ?? fallback,
      getMode: () => 'trigger',
      getWorkflowStaticData: (type) => (type === 'node' ? state : {}),
      getWorkflow: () => ({ id: 'workflow' }),
    } as N8nPollFunctions;
    return { events: (await open().poll(functions)) ?? [], state, more: false };
  },
});
