// Measures, in the real n8n engine, 1,000 items through the SCIM node's create_user next to n8n's own HTTP Request node
// that POSTs the same bodies to the same provider, in turns. CPU times are read from /proc, which only Linux has.
// Use: node bench/n8n.ts [ITEMS] [ROUNDS]
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fillForm } from '../test/hosts/n8n/support/fill-form.ts';
import { createN8nHome } from '../test/hosts/n8n/support/n8n-home.ts';
import { manualWorkflow, scimCredential, scimNode } from '../test/hosts/n8n/support/scim-workflow.ts';
import { startN8n } from '../test/hosts/n8n/support/start-n8n.ts';
import { type WorkflowNode, workflowNode } from '../test/hosts/n8n/support/workflow.ts';
import { actionOf } from '../test/support/open-test-session.ts';
import { median } from './support/median.ts';
import { personBody, personInput } from './support/person.ts';
import { startSandboxProcess } from './support/start-sandbox-process.ts';

const count = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 5);
const workflowId = 'bench';

const sandbox = await startSandboxProcess();
const { baseUrl, token } = sandbox;
const home = await createN8nHome();
await home.importCredentials([{ ...scimCredential.scimApi, type: 'scimApi', data: { baseUrl, token } }]);
await home.importWorkflows([manualWorkflow(workflowId, scimNode({}))]);
const n8n = await startN8n(home);

/** The same in both: a name for each item, and everything else fixed in the node. */
const contestants: Readonly<Record<string, WorkflowNode>> = {
  'the SCIM node': scimNode(
    withName({ ...fillForm(actionOf('create_user'), { ...personInput('NAME') }), simplify: true }),
  ),
  "n8n's HTTP Request node": workflowNode({
    name: 'SCIM',
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    credentials: scimCredential,
    parameters: {
      method: 'POST',
      url: `${baseUrl}/Users`,
      authentication: 'predefinedCredentialType',
      nodeCredentialType: 'scimApi',
      sendBody: true,
      specifyBody: 'json',
      // The usual form: JSON with the name of the item in it.
      jsonBody: `=${JSON.stringify(personBody('NAME'), null, 1).replaceAll('NAME', '{{ $json.name }}')}`,
      options: { response: { response: { responseFormat: 'json' } } },
    },
  }),
};

/** Replaces NAME with the name of the item. */
function withName(parameters: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(parameters).replaceAll(/"([^"]*)NAME([^"]*)"/g, '"=$1{{ $json.name }}$2"'),
  );
}

/** What one run of a node took. */
interface Measured {
  readonly itemsPerSecond: number;
  /** The CPU time of n8n for one item, in milliseconds. */
  readonly cpuInMs: number;
}

async function run(node: WorkflowNode): Promise<Measured> {
  const items = Array.from({ length: count }, () => ({ name: randomUUID() }));
  const before = cpuTimeInMs();
  const { data, status } = await n8n.run(manualWorkflow(workflowId, node, items));
  const cpuInMs = (cpuTimeInMs() - before) / count;
  const [result] = data.resultData.runData.SCIM ?? [];
  const done = result?.data?.main[0]?.filter(({ json }) => typeof json.id === 'string').length;
  if (status !== 'success' || done !== count || result === undefined)
    throw new Error(`${done} of ${count} were made: ${JSON.stringify(data.resultData.error)}`);
  return { itemsPerSecond: (count * 1000) / result.executionTime, cpuInMs };
}

/** The CPU time of n8n so far, in milliseconds. */
function cpuTimeInMs(): number {
  // The name of the process, in parentheses, may contain spaces. User and system time are fields 14 and 15, in ticks of 10 ms.
  const fields = readFileSync(`/proc/${n8n.child.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

try {
  const names = Object.keys(contestants);
  const measured = new Map(names.map((name) => [name, [] as Measured[]]));
  for (const node of Object.values(contestants)) await run(node);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const node = contestants[name];
      if (node !== undefined) measured.get(name)?.push(await run(node));
    }
  }
  console.log(`n8n: ${count} items, median of ${rounds} rounds, in turns`);
  const medianOf = (all: readonly Measured[], key: keyof Measured): number =>
    median(all.map((one) => one[key]));
  for (const [name, all] of measured) {
    const [rate, cpu] = [medianOf(all, 'itemsPerSecond').toFixed(0), medianOf(all, 'cpuInMs').toFixed(2)];
    console.log(
      `  ${name.padEnd(24)} ${rate.padStart(6)} items/s   ${cpu.padStart(6)} ms of CPU time per item`,
    );
  }
  const [ours = [], theirs = []] = [...measured.values()];
  const ratioOf = (key: keyof Measured): number =>
    median(ours.map((one, round) => one[key] / (theirs[round]?.[key] ?? Number.NaN)));
  const ratio = ratioOf('itemsPerSecond');
  console.log(
    `  ratio                    ${ratio.toFixed(2).padStart(6)} ×         ${(1 / ratioOf('cpuInMs')).toFixed(2).padStart(6)} ×`,
  );
  if (ratio < 1) process.exitCode = 1;
} finally {
  await n8n.stop();
  await sandbox.stop();
  home.remove();
}
