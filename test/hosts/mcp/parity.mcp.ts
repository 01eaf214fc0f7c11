import { errorResult } from '../../../hosts/mcp/server/tool-result.ts';
import { createConnector } from '../../../runtime/index.ts';
import { describeHostParity } from '../host-parity.ts';
import { hostTable } from '../parity-table.ts';
import { call, openClient, textOf, yes } from './support/open-client.ts';

describeHostParity({
  row: hostTable.mcp,
  async run(connection, { key }, input, dryRun) {
    const connector = createConnector(connection);
    await using open = await openClient({ connector }, { answer: yes });
    const result = dryRun
      ? await call(open.client, 'preview_action', { action: key, input })
      : await call(open.client, key, input);
    connector.close();
    return result.isError === true ? { error: textOf(result) } : { result: result.structuredContent };
  },
  expectedError: (error) => textOf(errorResult(error)),
});
