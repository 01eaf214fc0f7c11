import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bulkColumns } from '../../hosts/n8n/form/bulk-columns.ts';
import { actionOf, resourceNamed } from '../support/open-test-session.ts';

/** Labels of n8n's own editor. */
const labelsOfN8n = [
  'Always Output Data',
  'By ID',
  'Community nodes',
  'Continue (using error output)',
  'Create new credential',
  'Execute Once',
  'Execute step',
  'Fetch Test Event',
  'From list',
  'Install',
  'Map Automatically',
  'Map Each Column Manually',
  'More details',
  'On Error',
  'On Error: Continue',
  'Production URL',
  'Remove Duplicates',
  'Respond When Last Node Finishes',
  'Retry',
  'Retry On Fail',
  'Retry with currently saved workflow',
  'Settings',
  'Setup credential',
  'Table',
];

it('docs/hosts/n8n.md uses the labels that the nodes have', () => {
  const text = readFileSync('docs/hosts/n8n.md', 'utf8');
  const forms = globSync('hosts/n8n/package/{nodes,credentials}/**/*.ts')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  // n8n asks for the columns while it shows the form.
  const columns = ['upsert_user', 'update_user'].flatMap((key) =>
    bulkColumns(resourceNamed('User'), actionOf(key)).map(({ displayName }) => displayName),
  );
  const shown = [...text.matchAll(/(?<!\*)\*([A-Z][^*]+)\*(?!\*)/g)].map(([, label = '']) => label);
  // "Field: Option" names a field and the option to choose in it.
  const wanted = shown.filter((label) => !labelsOfN8n.includes(label)).flatMap((label) => label.split(': '));
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((label) => !forms.includes(label) && !columns.includes(label))).toEqual([]);
});
