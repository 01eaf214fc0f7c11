// Applies a plan in a process of its own, which a test kills.
import { createConnector, type Plan } from '../../runtime/index.ts';

interface Order {
  readonly baseUrl: string;
  readonly token: string;
  readonly plan: Plan;
  readonly journal: string;
}

process.once('message', async ({ baseUrl, token, plan, journal }: Order) => {
  await using connector = createConnector({ baseUrl, token });
  process.send?.('begun');
  await connector.apply(plan, { journal });
  process.disconnect();
});
