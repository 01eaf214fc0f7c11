import { afterAll, beforeAll } from 'vitest';
import { readForm } from '../../../hosts/zapier/form/read-form.ts';
import type { PollingTrigger } from '../../../hosts/zapier/runtime/trigger-entries.ts';
import { definition } from '../../support/open-test-session.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { describeHostParity } from '../host-parity.ts';
import { hostTable } from '../parity-table.ts';
import { fillForm } from './support/fill-form.ts';
import { openZapier, type ZapierRuntime } from './support/open-zapier.ts';
import { expectedError, expectedResult, textOfError } from './support/outcomes.ts';

const folder = temporaryFolder();
let zapier: ZapierRuntime;

beforeAll(async () => {
  zapier = await openZapier(folder.path);
});
afterAll(() => folder[Symbol.dispose]());

describeHostParity({
  row: hostTable.zapier,
  inputOf: (action, input) => readForm(definition, action, fillForm(action, input)).input,
  async run(connection, action, input, dryRun) {
    const { searches, creates } = zapier.app;
    const { operation } = (action.effect === 'read' ? searches : creates)[action.key] ?? {};
    const key = action.dryRun?.field.key ?? '';
    const inputData = { ...fillForm(action, input), ...(dryRun && { [key]: 'true' }) };
    try {
      return { result: await zapier.call(operation?.perform, { authData: { ...connection }, inputData }) };
    } catch (error) {
      return { error: textOfError(error) };
    }
  },
  expectedResult,
  expectedError,
  async poll(connection, trigger) {
    const { operation } = zapier.app.triggers[`${trigger}_poll`] as PollingTrigger;
    const events = await zapier.call(operation.perform, { authData: { ...connection } });
    return { events: events as readonly unknown[], state: undefined, more: false };
  },
});
