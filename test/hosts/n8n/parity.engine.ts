import { afterAll, beforeAll } from 'vitest';
import { describeHostParity } from '../host-parity.ts';
import { actionColumns, hostTable } from '../parity-table.ts';
import { createN8nHome, type N8nHome } from './support/n8n-home.ts';
import { credentialData, n8nValues, outcomeOf, parametersOf } from './support/parity.ts';
import { manualWorkflow, scimCredential, scimNode } from './support/scim-workflow.ts';
import { type RunningN8n, startN8n } from './support/start-n8n.ts';

const { scimApi } = scimCredential;
const workflowId = 'parity';

let home: N8nHome;
let n8n: RunningN8n;
let connected = '';

beforeAll(async () => {
  home = await createN8nHome();
  const data = { baseUrl: 'http://127.0.0.1:9/scim/v2', token: 'token' };
  await home.importCredentials([{ ...scimApi, type: 'scimApi', data }]);
  await home.importWorkflows([manualWorkflow(workflowId, scimNode({}))]);
  n8n = await startN8n(home);
});

afterAll(async () => {
  await n8n?.stop();
  home?.remove();
});

describeHostParity(
  {
    row: hostTable.n8n,
    ...n8nValues,
    async run(connection, action, input, isDryRun) {
      const data = credentialData(connection);
      const credential = JSON.stringify({ name: scimApi.name, type: 'scimApi', data });
      if (credential !== connected)
        await n8n.rest('PATCH', `/credentials/${scimApi.id}`, JSON.parse(credential));
      connected = credential;
      const parameters = parametersOf(action, input, isDryRun);
      const node = scimNode(parameters, { onError: 'continueRegularOutput' });
      const { runData, error } = (await n8n.run(manualWorkflow(workflowId, node))).data.resultData;
      const items = runData.SCIM?.[0]?.data?.main[0];
      if (items === undefined) throw new Error(`The node did not run: ${JSON.stringify(error)}`);
      return outcomeOf((items ?? []).map(({ json }) => json));
    },
    shortTime: { timeoutInMs: 500, deadlineInMs: 2_000 },
  },
  // The editor and the engine reject forms with problems themselves: parity.test.ts has those.
  actionColumns.filter((column) => column !== 'errors'),
);
