import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatEqualities } from '../../../../connector/provider/equality-filter.ts';
import { type Connector, createConnector } from '../../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../../sandbox/index.ts';
import { anyText } from '../../../support/any-text.ts';

let sandbox: Sandbox;
let connector: Connector;

beforeAll(async () => {
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
});

afterAll(async () => {
  connector.close();
  await sandbox.close();
});

/** Values that a wrong escape would take for the given one. */
function neighborsOf(value: string): ReadonlySet<string> {
  const all = [
    `${value}"`,
    `${value}\\`,
    `"${value}`,
    value.slice(1),
    value.replaceAll('\\', '\\\\'),
    value.replaceAll('"', '\\"'),
    value.replaceAll(/[\ud800-\udfff]/g, '\ufffd'),
    JSON.stringify(value),
    value.toWellFormed(),
    `${value} `,
  ];
  return new Set(all.filter((one) => one !== value && one !== ''));
}

describe('a lookup at a real provider', () => {
  let run = 0;

  it('finds exactly the user with an externalId of any characters', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText.filter((text) => text !== ''),
        async (externalId) => {
          run += 1;
          const mine = await connector.actions.create_user({ userName: `mine-${run}`, externalId });
          const others = [...neighborsOf(externalId)].map((other, index) => ({
            userName: `other-${run}-${index}`,
            externalId: other,
          }));
          const bulk = await connector.actions.bulk_users({
            action: 'create_user',
            rows: [...others, { userName: `last-${run}` }],
          });
          expect(bulk.failed).toBe(0);

          const filter = formatEqualities([{ path: 'externalId', value: externalId }]);
          // The raw list, which nothing here has looked at again.
          const { body } = await connector.actions.custom_request({ path: '/Users', query: { filter } });
          expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: mine.id }] });
          expect(await connector.actions.find_user({ user: { externalId } })).toMatchObject({
            id: mine.id,
            externalId,
          });

          for (const { id } of [mine, ...bulk.results])
            if (id !== undefined) await connector.actions.delete_user({ user: { id } });
        },
      ),
      { numRuns: 40 },
    );
  });
});
