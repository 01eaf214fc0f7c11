// The second half of `npm start`: HR sends a sheet each day, and the sandbox follows it. Every command is the real one.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../sandbox/index.ts';
import { isRecord } from '../schemas/is-record.ts';

const cli = new URL('../cli/main.ts', import.meta.url).pathname;
const owned = '--owned-by externalId:hr-';

/** Plans, applies, is held, approves, and reverts, with the sheets in examples/sheets. @throws Error if a command ends otherwise */
export async function tour(sandbox: Sandbox): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-start-'));
  for (const name of ['monday.csv', 'tuesday.csv'])
    copyFileSync(new URL(`sheets/${name}`, import.meta.url), join(folder, name));
  const run = (command: string, exitCode: number): Promise<void> =>
    runCommand(sandbox, folder, command, exitCode);
  try {
    console.log('The same from a sheet, with a plan before each change. In a checkout, `rolecall` is');
    console.log('`npm run -s rolecall --`. The sheets are in examples/sheets.');
    say(
      "Monday: HR's sheet has a new colleague and a new title, and one colleague has left. A plan only reads.",
    );
    await run(`rolecall plan --desired monday.csv ${owned} --out monday.json`, 9);
    await run('rolecall apply monday.json --journal monday.journal', 0);
    say('Tuesday: the sheet has lost most of its rows. The safeguard holds what would take access away.');
    await run(`rolecall plan --desired tuesday.csv ${owned} --out tuesday.json`, 7);
    await run('rolecall apply tuesday.json --journal tuesday.journal', 7);
    say('If it were right, a person would approve exactly this part:');
    await run(
      `rolecall apply tuesday.json --journal tuesday.journal --approve ${holdIn(join(folder, 'tuesday.json'))}`,
      0,
    );
    say('It was not. The journal knows the way back:');
    await run('rolecall revert tuesday.journal', 0);
    say("Everyone is as on Monday evening. Monday's sheet has nothing left to do:");
    await run(`rolecall plan --desired monday.csv ${owned}`, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function say(text: string): void {
  console.log(`\n# ${text}`);
}

/** The ID of the first hold in a plan, as a person would copy it from what `plan` prints. */
function holdIn(file: string): string {
  const plan: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const [hold] = isRecord(plan) && Array.isArray(plan.holds) ? plan.holds : [];
  return isRecord(hold) ? String(hold.id) : '';
}

/** Runs a command as a shell would, and prints it with its result. */
async function runCommand(
  sandbox: Sandbox,
  folder: string,
  command: string,
  exitCode: number,
): Promise<void> {
  console.log(`$ ${command}`);
  const [, ...args] = command.split(' ');
  const { promise, resolve } = Promise.withResolvers<readonly [number, string, string]>();
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: join(tmpdir(), 'rolecall-compile-cache'),
    SCIM_BASE_URL: sandbox.scimBaseUrl,
    SCIM_TOKEN: sandbox.token,
  };
  const child = execFile(process.execPath, [cli, ...args], { cwd: folder, env }, (_, out, err) =>
    resolve([child.exitCode ?? 1, out, err]),
  );
  const [code, out, err] = await promise;
  if (code !== exitCode)
    throw new Error(`${command} ended with ${code} instead of ${exitCode}: ${out}${err}`);
  process.stdout.write(out);
}
