import { chunkOperations, isDone } from '../actions/bulk-request.ts';
import { BulkSender } from '../actions/bulk-sender.ts';
import { confirmCreated } from '../actions/create.ts';
import type { BulkRequest } from '../actions/operation.ts';
import { toResource } from '../actions/to-resource.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import type { Capabilities } from '../connector/provider/capabilities.ts';
import { readPages } from '../connector/provider/read-pages.ts';
import { lastSegment } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import type { ChangeResult } from './apply-result.ts';
import { type ApplyRun, contextOfCreation, failedResult, withDeadline } from './apply-run.ts';
import { givenOf, recordCreated, sendingCreation, shownChanges } from './apply-user.ts';
import type { UserChange } from './plan.ts';

/** What creating in bulk has to know of the run, and what it reports to it. */
export interface BulkProgress {
  /** The number of users at the provider before. */
  readonly usersBefore: number;
  readonly isStopped: () => boolean;
  readonly finish: (result: ChangeResult) => void;
}

/** Fewer creations are not worth the question whether there is bulk. */
const fewest = 20;
/** Whatever the provider's limit, a response to more operations can exceed the timeout. */
const mostOperations = 50;
/** How many creations one reading of the list confirms. A run that is killed leaves at most as many to be looked up. */
const mostUnconfirmed = 1000;
const pageSize = 1000;
/** A page takes about as long as this number of creations, which are sent concurrently. */
const creationsPerPage = 20;

/**
 * Creates users by `/Bulk` (RFC 7644 §3.7), where the provider has it and it is faster than one request for each user. A
 * bulk response need not show the users, so that they are confirmed by reading the list. What the response does not
 * prove to be created gets no result here: it is created by a request of its own, after a lookup if it may be there.
 */
export async function createInBulk(
  run: ApplyRun,
  changes: readonly UserChange[],
  progress: BulkProgress,
): Promise<void> {
  if (changes.length < fewest || run.context.habits.withoutBulk) return;
  const { bulk, maxResults = 100 } = await capabilitiesOf(run);
  if (bulk === undefined) return;
  const creator = new BulkCreator(run, bulk, progress);
  let users = progress.usersBefore;
  for (let from = 0; from < changes.length; from += mostUnconfirmed) {
    const part = changes.slice(from, from + mostUnconfirmed);
    users += part.length;
    const pages = Math.ceil(users / Math.min(pageSize, maxResults));
    const requests = Math.ceil(part.length / Math.min(bulk.maxOperations, mostOperations));
    if (requests + pages * creationsPerPage >= part.length) return;
    await creator.create(part);
    if (creator.isRefused) return;
  }
}

/** Without an answer, there is no bulk. The requests of the changes report what is wrong. */
async function capabilitiesOf({ context }: ApplyRun): Promise<Partial<Capabilities>> {
  try {
    return await context.capabilities();
  } catch (error) {
    if (error instanceof ConnectorError) return {};
    throw error;
  }
}

interface Creation {
  readonly row: number;
  readonly step: BulkRequest;
  readonly change: UserChange;
}

/** A creation that a bulk response reports as done. */
interface ReportedCreation {
  readonly change: UserChange;
  readonly response: ScimResponse;
}

class BulkCreator {
  readonly #run: ApplyRun;
  readonly #limits: NonNullable<Capabilities['bulk']>;
  readonly #progress: BulkProgress;
  readonly #sender = new BulkSender();

  constructor(run: ApplyRun, limits: NonNullable<Capabilities['bulk']>, progress: BulkProgress) {
    this.#run = run;
    this.#limits = limits;
    this.#progress = progress;
  }

  get isRefused(): boolean {
    return this.#sender.isRefused;
  }

  async create(changes: readonly UserChange[]): Promise<void> {
    const { users, context } = this.#run;
    const creations = changes.map((change, row): Creation => {
      const body = toResource(users, givenOf(change.attributes));
      return { row, step: { method: 'POST', path: users.endpoint, body }, change };
    });
    const chunks = [...chunkOperations(creations, this.#limits, mostOperations)];
    const first = this.#sender.isAccepted ? [] : await this.#send(chunks.shift() ?? []);
    const { concurrency } = context.client.connection;
    const others = await mapConcurrently(chunks, concurrency, (chunk) => this.#send(chunk));
    await this.#confirm([...first, ...others.flat()]);
  }

  /** Sends one bulk request. @returns the creations that its response reports as done */
  async #send(chunk: readonly Creation[]): Promise<readonly ReportedCreation[]> {
    if (this.#sender.isRefused || this.#progress.isStopped()) return [];
    const { context, record, sentAtInMs, onFailure } = this.#run;
    await record(chunk.map(({ change }) => sendingCreation(change)));
    const { answers, error } = await this.#sender.send(context.withDeadline(), chunk);
    if (error !== undefined) onFailure(error);
    return chunk.flatMap(({ row, change }) => {
      const response = answers.get(row);
      if (response === undefined) return [];
      if (isDone(response)) return [{ change, response }];
      // What was rejected was not created. A request of its own has the reason, or succeeds.
      sentAtInMs.delete(change.id);
      return [];
    });
  }

  /** Requires that the provider shows the created users: in its response, or in its list, or each by itself. */
  async #confirm(creations: readonly ReportedCreation[]): Promise<void> {
    const notShown = new Map<string, ReportedCreation>();
    const others: ReportedCreation[] = [];
    for (const creation of creations) {
      const { headers, body } = creation.response;
      const id = isRecord(body) ? '' : lastSegment(headers.location ?? '');
      if (id === '') others.push(creation);
      else notShown.set(id, creation);
    }
    await this.#confirmByList(notShown);
    const { concurrency } = this.#run.context.client.connection;
    await mapConcurrently([...others, ...notShown.values()], concurrency, (one) => this.#confirmOne(one));
  }

  /** Takes those out of `notShown` whom the list shows exactly as they were sent. */
  async #confirmByList(notShown: Map<string, ReportedCreation>): Promise<void> {
    if (notShown.size === 0) return;
    const { context, users } = this.#run;
    const reader = context.reader(users, context.signal);
    try {
      for await (const { resources } of readPages(reader, { count: pageSize }, { readsAhead: true })) {
        if (notShown.size === 0) return;
        const shown = resources.flatMap((user) => {
          const creation = notShown.get(user.id);
          return creation !== undefined && this.#isAsSent(creation, user) ? [{ creation, user }] : [];
        });
        await Promise.all(
          shown.map(async ({ creation: { change }, user }) => {
            notShown.delete(user.id);
            this.#progress.finish(await recordCreated(this.#run, change, user));
          }),
        );
      }
    } catch (error) {
      // Each of them is read by itself then.
      if (!(error instanceof ConnectorError)) throw error;
    }
  }

  #isAsSent({ change }: ReportedCreation, user: Resource): boolean {
    return shownChanges(modelOf(this.#run.users), user, change.attributes).length === 0;
  }

  async #confirmOne({ change, response }: ReportedCreation): Promise<void> {
    const run = withDeadline(this.#run);
    try {
      const context = contextOfCreation(run, change.id);
      const given = givenOf(change.attributes);
      const created = await confirmCreated(context, run.users, given, response);
      this.#progress.finish(await recordCreated(run, change, created));
    } catch (error) {
      this.#progress.finish(await failedResult(run, change, error));
    }
  }
}
