import { afterAll } from 'vitest';
import type { ActionDefinition } from '../../../connector/definition/definition.ts';
import { readActionForm } from '../../../hosts/activepieces/form/action-form.ts';
import { labelOf } from '../../../hosts/activepieces/form/words.ts';
import { createErrorLabels } from '../../../hosts/kit/error-labels.ts';
import { definition } from '../../support/open-test-session.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fillFields } from '../fill-flat-form.ts';
import { describeHostParity, type Input } from '../host-parity.ts';
import { hostTable } from '../parity-table.ts';
import { createStore, openPiece } from './open-piece.ts';

const folder = temporaryFolder();
const { piece, runAction } = openPiece(folder.path);
const labels = createErrorLabels(definition, labelOf, 'actions');

afterAll(() => folder[Symbol.dispose]());

function fillForm({ fields }: ActionDefinition, input: Input): Input {
  const cleared = Object.keys(input).filter((key) => input[key] === null);
  const kept = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  return { ...fillFields(fields, kept), ...(cleared.length > 0 && { fieldsToEmpty: cleared }) };
}

describeHostParity({
  row: hostTable.activepieces,
  inputOf: (action, input) => readActionForm(action, fillForm(action, input)).input,
  async run(connection, action, input, dryRun) {
    const key = action.dryRun?.field.key ?? '';
    const values = { ...fillForm(action, input), ...(dryRun && { [key]: true }) };
    try {
      return { result: await runAction(action.key, { ...connection }, values) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  },
  expectedError: (error) => (labels.label(error) as Error).message,
  async poll(connection, trigger, state = createStore()) {
    const step = {
      auth: { props: { ...connection } },
      propsValue: { startFrom: 'beginning' },
      store: state as never,
    };
    await piece.triggers()[trigger]?.onEnable(step);
    return { events: (await piece.triggers()[trigger]?.run(step)) ?? [], state, more: false };
  },
});
