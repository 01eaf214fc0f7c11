import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('npm start provisions the people, changes roles, deactivates two, and reads all back', async () => {
  const script = new URL('../../examples/provision.ts', import.meta.url).pathname;
  const { SCIM_BASE_URL: _, SCIM_TOKEN: __, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env });
  expect(stdout).toContain('28 people provisioned');
  expect(stdout).toContain('7 groups filled: Engineering, Automation, Docs, Finance, Sales, IT, People');
  expect(stdout).toMatch(
    /^ada@example\.com +Ada Lovelace +Engineering +Automation, Engineering +Admin +Admin +Admin +yes +prod: Operator → Admin$/m,
  );
  expect(stdout).toMatch(/^gary@example\.com .* no +deactivated$/m);
  expect(stdout).toMatch(/^frances@example\.com .*Payroll auditor/m);
  expect(stdout).toContain('28 people read back, 2 of them deactivated');
});
