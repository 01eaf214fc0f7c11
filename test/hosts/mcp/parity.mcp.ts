import { commandLineWords } from '../../../cli/mcp-words.ts';
import { limitDeadline } from '../../../connector/limit-deadline.ts';
import { defaultMaxCallInMs, maxDeadlineOf } from '../../../hosts/mcp/call-time.ts';
import { errorResult } from '../../../hosts/mcp/server/tool-result.ts';
import { errorInWords } from '../../../hosts/mcp/server/worded-connector.ts';
import { createConnector } from '../../../runtime/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { describeHostParity } from '../host-parity.ts';
import { hostTable } from '../parity-table.ts';
import { call, openClient, textOf, yes } from './support/open-client.ts';

describeHostParity({
  row: hostTable.mcp,
  async run(connection, { key }, input, dryRun) {
    // As `rolecall mcp` connects.
    const connector = createConnector(
      limitDeadline(definition, connection, maxDeadlineOf(defaultMaxCallInMs)),
    );
    await using open = await openClient({ connector }, { answer: yes });
    const result = dryRun
      ? await call(open.client, 'preview_action', { action: key, input })
      : await call(open.client, key, input);
    connector.close();
    return result.isError === true ? { error: textOf(result) } : { result: result.structuredContent };
  },
  expectedError: (error) => textOf(errorResult(errorInWords(error, commandLineWords))),
});
