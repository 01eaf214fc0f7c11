import { afterAll } from 'vitest';
import { readActionForm } from '../../../hosts/activepieces/form/action-form.ts';
import { labelOf } from '../../../hosts/activepieces/form/words.ts';
import { createErrorLabels } from '../../../hosts/kit/error-labels.ts';
import { definition } from '../../support/open-test-session.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fillFields } from '../fill-flat-form.ts';
import { describeHostParity, type HostAdapter, type Input } from '../host-parity.ts';
import { openPiece } from './open-piece.ts';

const folder = temporaryFolder();
const bench = openPiece(folder.path);
const labels = createErrorLabels(definition, labelOf, 'actions');

afterAll(() => folder[Symbol.dispose]());

const fillForm: (...given: Parameters<HostAdapter['inputOf']>) => Input = ({ fields }, input) => {
  const cleared = Object.keys(input).filter((key) => input[key] === null);
  const kept = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  return { ...fillFields(fields, kept), ...(cleared.length > 0 && { fieldsToEmpty: cleared }) };
};

describeHostParity({
  name: 'Activepieces',
  inputOf: (action, input) => readActionForm(action, fillForm(action, input)).input,
  async run({ baseUrl, token }, action, input, dryRun) {
    const key = action.dryRun?.field.key ?? '';
    const values = { ...fillForm(action, input), ...(dryRun && { [key]: true }) };
    try {
      return { result: await bench.runAction(action.key, { baseUrl, token }, values) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  },
  expectedError: (error) => (labels.label(error) as Error).message,
});
