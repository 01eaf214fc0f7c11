import { ConnectorError } from '../../../connector/errors.ts';
import { hasQuote, renameFields, renameKeys } from '../../../connector/rename-fields.ts';
import type { Connector } from '../../../runtime/connector.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { limitAdvice, withLimitedTime } from '../../kit/limited-time.ts';
import { callTexts, type StartWords } from '../words.ts';

/**
 * A connector whose errors name the connection as the person knows it who started the server, also those in the rows, steps,
 * and changes of an output. The fields of an action keep their keys: these are the arguments of the tool.
 */
export function wordedConnector(connector: Connector, words: StartWords): Connector {
  return {
    ...connector,
    run: async (...given) => {
      try {
        return outputInWords(await connector.run(...given), words);
      } catch (error) {
        throw errorInWords(error, words);
      }
    },
    reportRoles: (...given) =>
      connector.reportRoles(...given).catch((error: unknown) => {
        throw errorInWords(error, words);
      }),
  };
}

/** An error of the connector in the words of a surface; any other value, unchanged. */
export function errorInWords<Thrown>(thrown: Thrown, words: StartWords): Thrown | ConnectorError {
  const limited = withLimitedTime(thrown, callTexts.tooSlow(words));
  // Invalid input names arguments of the tool.
  if (!(limited instanceof ConnectorError) || limited.code === 'invalid_input') return limited;
  const renamed = renameFields(limited, words.nameOf);
  const steps = renamed.steps.map((step) => partInWords(step, words));
  return new ConnectorError(renamed.code, { ...renamed, steps, cause: thrown });
}

/** The lists whose entries can have failed: the rows of a bulk action, the changes of a plan, the steps of a sequence. */
const lists = ['results', 'steps'] as const;

function outputInWords(output: unknown, words: StartWords): unknown {
  if (!isRecord(output)) return output;
  const worded = lists.flatMap((key) => {
    const parts = output[key];
    return Array.isArray(parts) ? [[key, parts.map((part) => partInWords(part, words))] as const] : [];
  });
  return { ...output, ...Object.fromEntries(worded) };
}

function partInWords<Part>(part: Part, words: StartWords): Part {
  if (!isRecord(part)) return part;
  const { error } = part;
  return isRecord(error) ? { ...part, error: reasonInWords(error, words) } : reasonInWords(part, words);
}

/** A reason is a message, and can have a code and a next step, with which the message ends. */
function reasonInWords<Reason extends Readonly<Record<string, unknown>>>(
  reason: Reason,
  words: StartWords,
): Reason {
  const { code, message, nextStep = '' } = reason;
  if (typeof message !== 'string' || typeof nextStep !== 'string' || code === 'invalid_input') return reason;
  const inWords = (text: string): string =>
    renameKeys(limitAdvice(text, callTexts.tooSlow(words)), words.nameOf);
  const what = message.slice(0, message.length - nextStep.length);
  const shown = hasQuote(what) ? what : inWords(what);
  return {
    ...reason,
    message: `${shown}${inWords(nextStep)}`,
    ...(nextStep !== '' && { nextStep: inWords(nextStep) }),
  };
}
