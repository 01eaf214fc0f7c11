import { describe, expect, it, onTestFinished } from 'vitest';
import { type QuirkName, quirkNames, startSandbox } from '../../../sandbox/index.ts';
import { openPlainSandbox } from '../../support/open-plain-sandbox.ts';
import { type Observation, observations } from './quirk-observations.ts';
import { openWorkspace, userUrn } from './workspace/workspace-fixture.ts';

async function observe({ observe }: Observation, quirks: readonly QuirkName[]): Promise<unknown> {
  const sandbox = await openPlainSandbox(quirks);
  onTestFinished(() => sandbox.close());
  return observe(sandbox);
}

describe.each(quirkNames)('the sandbox with the quirk %s', (name) => {
  it('deviates as its definition says', async () => {
    expect(await observe(observations[name], [name])).toEqual(observations[name].shows);
  });

  it('does not deviate so without the quirk', async () => {
    expect(await observe(observations[name], [])).not.toEqual(observations[name].shows);
  });
});

describe('the sandbox with several quirks', () => {
  const together: readonly QuirkName[] = [
    'patch-returns-stale',
    'groups-list-without-members',
    'zoneless-stamps',
    'delete-gone-500',
    'replace-members-rejected',
    'email-filter-rejected',
    'if-match-ignored',
    'totals-count-page',
  ];

  it.each(together.filter((name) => name !== 'replace-members-rejected'))(
    'shows each of them: %s',
    async (name) => {
      expect(await observe(observations[name], together)).toEqual(observations[name].shows);
    },
  );
});

describe('the setting "quirks"', () => {
  it('changes the quirks of a running sandbox', async () => {
    const { user, scim, admin } = await openWorkspace();
    await user('ada@example.com');
    const total = async () => (await scim('GET', '/Users')).body.totalResults;
    expect(await total()).toBe(1);
    expect((await admin('PATCH', '/settings', { quirks: ['directory-empty'] })).status).toBe(200);
    expect(await total()).toBe(0);
    await admin('PATCH', '/settings', { quirks: [] });
    expect(await total()).toBe(1);
  });

  it('keeps what a quirk remembers while another setting changes', async () => {
    const { user, scim, admin } = await openWorkspace({ quirks: ['deleted-names-stay-taken'] });
    const id = await user('ada@example.com');
    await scim('DELETE', `/Users/${id}`);
    await admin('PATCH', '/settings', { jitProvisioning: false });
    const body = { schemas: [userUrn], userName: 'ada@example.com' };
    expect((await scim('POST', '/Users', body)).status).toBe(409);
  });

  it.each([
    [['nonsense'], 'There is no quirk "nonsense".'],
    [['no-patch', 'no-patch-unannounced'], 'contradict each other: both are about PATCH support.'],
    ['no-patch', '"quirks" must be a list of names.'],
    [[1], '"quirks[]" must be a text.'],
  ])('rejects %j', async (quirks, reason) => {
    const { admin } = await openWorkspace();
    const { status, body } = await admin('PATCH', '/settings', { quirks });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(JSON.stringify(reason).slice(1, -1));
  });

  it('is rejected at the start, too', async () => {
    await expect(startSandbox({ quirks: ['no-pach'] })).rejects.toThrow('(did you mean "no-patch"?)');
  });
});
