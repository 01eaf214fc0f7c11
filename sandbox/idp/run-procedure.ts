import { isJsonArray, isJsonObject, type Json, type JsonObject, memberOf } from '../../scim/json.ts';
import { describeNoAnswer, describeRefusal } from './describe-failure.ts';
import { fillPath, fillTemplate, type TemplateValues } from './fill-template.ts';
import type { Flavor, Procedure, RequestRow, Step } from './flavor.ts';
import { type IncomingAnswer, sendRequest } from './send-request.ts';

/** Where and how to push. */
export interface Target {
  /** Such as `https://workato.com/scim/v2`. */
  readonly scimBaseUrl: string;
  readonly token: string;
}

/** A request that was sent, and what came of it. The token is not in it. */
export interface Exchange {
  readonly method: string;
  /** Behind the base URL. */
  readonly path: string;
  readonly body?: Json;
  /** The status of the answer; absent when there was none. */
  readonly status?: number;
  /** The answer's JSON; absent when it has none. */
  readonly answer?: Json;
  readonly ok: boolean;
  /** What went wrong, and what to do. */
  readonly error?: string;
}

/** What a procedure works on. */
export interface ProcedureRun {
  readonly flavor: Flavor;
  readonly target: Target;
  readonly timeoutInMs: number;
  /** The resource's id at the service, when it is known. */
  readonly id: string | undefined;
  /** The values for the templates, given what the service last told of the resource. */
  readonly valuesOf: (current: JsonObject | undefined) => TemplateValues;
}

/** How a procedure ended. */
export interface ProcedureOutcome {
  readonly exchanges: readonly Exchange[];
  /** The resource's id at the service; undefined when it has none there. */
  readonly id: string | undefined;
  /** Why the procedure stopped before its end. */
  readonly error: string | undefined;
}

/** Goes through a flavor's procedure, one request after another, and stops at the first that fails. */
export async function runProcedure(name: Procedure, run: ProcedureRun): Promise<ProcedureOutcome> {
  const exchanges: Exchange[] = [];
  let { id } = run;
  let current: JsonObject | undefined;
  let isMatched = id !== undefined;
  for (const step of run.flavor.procedures[name]) {
    if (!isDue(step, isMatched, current)) continue;
    const row = run.flavor.requests[step.send];
    if (row === undefined) throw new Error(`${run.flavor.name} has no request ${step.send}`);
    const values: TemplateValues = { ...run.valuesOf(current), id };
    if (row.unlessEmpty !== undefined && isEmpty(values[row.unlessEmpty])) continue;
    const exchange = await send(row, values, run);
    const isMissing = exchange.status === 404 && row.mayBeMissing === true;
    const failure = exchange.error ?? (isMissing ? undefined : faultOf(row, exchange));
    exchanges.push(failure === undefined ? exchange : { ...exchange, ok: false, error: failure });
    if (failure !== undefined) return { exchanges, id, error: failure };
    if (isMissing || (typeof row.answer === 'object' && matchOf(row, exchange, values) === undefined)) {
      [id, current, isMatched] = [undefined, undefined, false];
    } else if (row.answer === 'created') {
      // What was created only now was not matched: steps for what was there before do not apply.
      id = idOf(exchange.answer);
    } else if (row.answer !== undefined) {
      current = typeof row.answer === 'object' ? matchOf(row, exchange, values) : objectOf(exchange.answer);
      [id, isMatched] = [idOf(current) ?? id, true];
    }
  }
  return { exchanges, id, error: undefined };
}

function isDue({ when }: Step, isMatched: boolean, current: JsonObject | undefined): boolean {
  if (when === 'unmatched') return !isMatched;
  if (when === 'inactive') return isMatched && current?.active === false;
  return when === undefined || isMatched;
}

async function send(row: RequestRow, values: TemplateValues, run: ProcedureRun): Promise<Exchange> {
  const { flavor, target, timeoutInMs } = run;
  const path = fillPath(row.path, values);
  const body = row.body === undefined ? undefined : fillTemplate(row.body, values);
  const sent = { method: row.method, path, ...(body !== undefined && { body }) };
  let answer: IncomingAnswer;
  try {
    answer = await sendRequest({
      method: row.method,
      url: target.scimBaseUrl + path,
      headers: {
        accept: 'application/scim+json',
        authorization: `Bearer ${target.token}`,
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        ...flavor.headers,
        ...row.headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      timeoutInMs,
    });
  } catch (error) {
    return { ...sent, ok: false, error: describeNoAnswer(flavor.title, error) };
  }
  const json = parse(answer.text);
  const isOk = answer.status >= 200 && answer.status < 300;
  const isMissing = answer.status === 404 && row.mayBeMissing === true;
  return {
    ...sent,
    status: answer.status,
    ...(json !== undefined && { answer: json }),
    ok: isOk || isMissing,
    ...(!isOk && !isMissing && { error: describeRefusal(flavor.title, answer, json) }),
  };
}

// What a provider cannot go on with, although the status is good.
function faultOf(row: RequestRow, { answer }: Exchange): string | undefined {
  if (row.answer === 'created' && idOf(answer) === undefined) {
    // Okta says "Create new user returned empty user" (developer.okta.com/docs/reference/scim/scim-20).
    return 'The service created the resource, but answered without its id. The service must answer with the resource.';
  }
  if (row.answer === 'current' && objectOf(answer) === undefined) {
    return 'The service answered without the resource. Check the base URL.';
  }
  if (typeof row.answer === 'object' && objectOf(answer) === undefined) {
    return 'The service answered a search with something else than a list. Check the base URL.';
  }
  return undefined;
}

function matchOf(row: RequestRow, { answer }: Exchange, values: TemplateValues): JsonObject | undefined {
  if (typeof row.answer !== 'object') return undefined;
  const { listBy } = row.answer;
  const found = isJsonObject(answer) ? memberOf(answer, 'Resources') : undefined;
  const wanted = String(values[listBy]).toLowerCase();
  const resources = isJsonArray(found) ? found.filter(isJsonObject) : [];
  // A service that ignores the filter answers with everybody.
  return resources.find((resource) => String(resource[listBy]).toLowerCase() === wanted);
}

function idOf(answer: Json | undefined): string | undefined {
  const id = isJsonObject(answer) ? answer.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

function objectOf(answer: Json | undefined): JsonObject | undefined {
  return isJsonObject(answer) ? answer : undefined;
}

function isEmpty(list: Json | undefined): boolean {
  return !isJsonArray(list) || list.length === 0;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
