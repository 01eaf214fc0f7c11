import type { TriggerDefinition } from '../../../connector/definition/definition.ts';
import { errorTexts } from '../../../connector/error-texts.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { readFields } from '../../kit/flat-form.ts';
import { storeLimitBytes } from '../engine.ts';
import { openPieceSession, type PieceContext } from './piece-session.ts';
import type { StepContext } from './pieces-framework.ts';

/** What a flow stores of a trigger, in one value, so that no part of it can be of another poll. */
interface StoredPoll {
  /** The provider and the trigger: a cursor belongs to both. */
  readonly targetKey: string;
  readonly cursor: unknown;
}

const storeKey = 'poll';

/** In characters, each of which takes a byte or more. */
const cursorLimit = storeLimitBytes;

/** Events that a person sees who tests a trigger. */
const mostTested = 5;

/**
 * Records who is there when a flow is enabled. A flow that was enabled before goes on where it stopped, so that publishing
 * it again misses nothing. If the first poll reports existing users, the first run of the trigger makes it.
 *
 * @throws ConnectorError
 */
export async function startPolls(
  piece: PieceContext,
  trigger: TriggerDefinition,
  context: StepContext,
): Promise<void> {
  const { targetKey, poll } = openPoll(piece, trigger, context);
  if ((await cursorOf(context, targetKey)) !== undefined) return;
  const { events, cursor } = await poll(undefined, { cursorLimit });
  if (events.length === 0) await store(context, { targetKey, cursor });
}

/** Polls once for the events since the last poll, and stores the new cursor. @throws ConnectorError; the cursor then stays */
export async function pollOnce(
  piece: PieceContext,
  trigger: TriggerDefinition,
  context: StepContext,
): Promise<readonly ProvisioningEvent[]> {
  const { targetKey, poll } = openPoll(piece, trigger, context);
  const events: ProvisioningEvent[] = [];
  let cursor = await cursorOf(context, targetKey);
  for (let more = true; more; ) {
    const polled = await poll(cursor, { cursorLimit });
    events.push(...polled.events);
    ({ cursor, more } = polled);
  }
  await store(context, { targetKey, cursor });
  return events;
}

/**
 * What the first poll of the trigger would report of existing users and groups, or a sample. The engine tests a trigger with
 * another store than that of the flow, so that a test does not know the last poll.
 */
export async function testPoll(
  piece: PieceContext,
  trigger: TriggerDefinition,
  context: StepContext,
): Promise<readonly unknown[]> {
  const { poll } = openPoll(piece, trigger, {
    ...context,
    propsValue: { ...context.propsValue, startFrom: 'beginning' },
  });
  const { events } = await poll(undefined, { cursorLimit });
  return events.length > 0
    ? events.slice(0, mostTested)
    : [{ ...(trigger.sample as object), isSample: true }];
}

/** The cursor of the last poll of a target; undefined before the first one. */
async function cursorOf({ store: given }: StepContext, targetKey: string): Promise<unknown> {
  const stored = await given.get(storeKey);
  return isRecord(stored) && stored.targetKey === targetKey ? stored.cursor : undefined;
}

/** @throws ConnectorError `unsupported` if the engine would not store it */
async function store(context: StepContext, poll: StoredPoll): Promise<void> {
  const sizeBytes = Buffer.byteLength(JSON.stringify(poll));
  if (sizeBytes > storeLimitBytes)
    throw new ConnectorError('unsupported', {
      what: `The state of the trigger takes ${sizeBytes} bytes, but Activepieces stores only ${storeLimitBytes}.`,
      nextStep: errorTexts.stateTooLarge.nextStep,
    });
  await context.store.put(storeKey, poll);
}

function openPoll(piece: PieceContext, { key, fields }: TriggerDefinition, context: StepContext) {
  const { session, client } = openPieceSession(piece, context.auth);
  return {
    targetKey: `${key} ${client.connection.baseUrl}`,
    poll: session.preparePoll(key, readFields(fields, context.propsValue)),
  };
}
