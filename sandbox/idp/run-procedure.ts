import { isJsonArray, isJsonObject, type Json, type JsonObject, memberOf } from '../../scim/json.ts';
import { describeNoAnswer, describeRefusal } from './describe-failure.ts';
import { fillPath, fillTemplate, type TemplateValues } from './fill-template.ts';
import type { Flavor, Procedure, RequestRow, Step } from './flavor.ts';
import { type IncomingAnswer, sendRequest } from './send-request.ts';

/** The target of a push. */
export interface Target {
  /** For example `https://workato.com/scim/v2`. */
  readonly scimBaseUrl: string;
  readonly token: string;
}

/** A request and its response, without the token. */
export interface Exchange {
  readonly method: string;
  /** Relative to the base URL. */
  readonly path: string;
  readonly body?: Json;
  /** The status of the response; absent without a response. */
  readonly status?: number;
  /** The JSON of the response; absent if it has none. */
  readonly answer?: Json;
  readonly ok: boolean;
  /** The error, and what to do. */
  readonly error?: string;
}

/** The input of a procedure. */
export interface ProcedureRun {
  readonly flavor: Flavor;
  readonly target: Target;
  readonly timeoutInMs: number;
  /** The resource's ID at the service, if it is known. */
  readonly id: string | undefined;
  /** The template values, based on the last state of the resource at the service. */
  readonly valuesOf: (current: JsonObject | undefined) => TemplateValues;
}

/** The result of a procedure. */
export interface ProcedureOutcome {
  readonly exchanges: readonly Exchange[];
  /** The resource's ID at the service; undefined if it does not exist there. */
  readonly id: string | undefined;
  /** The reason why the procedure stopped early. */
  readonly error: string | undefined;
}

/** Runs a procedure of a flavor, one request after another, and stops at the first failure. */
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
      // A resource that was just created is not "matched": steps for existing resources do not apply.
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

// Responses with a success status that a provider cannot use.
function faultOf(row: RequestRow, { answer }: Exchange): string | undefined {
  if (row.answer === 'created' && idOf(answer) === undefined) {
    // Okta says "Create new user returned empty user" (developer.okta.com/docs/reference/scim/scim-20).
    return 'The service created the resource, but answered without its id. The service must answer with the resource.';
  }
  if (row.answer === 'current' && objectOf(answer) === undefined) {
    return 'The service answered without the resource. Check the base URL.';
  }
  if (typeof row.answer === 'object' && objectOf(answer) === undefined) {
    return 'The service answered a search with something other than a list. Check the base URL.';
  }
  return undefined;
}

function matchOf(row: RequestRow, { answer }: Exchange, values: TemplateValues): JsonObject | undefined {
  if (typeof row.answer !== 'object') return undefined;
  const { listBy } = row.answer;
  const found = isJsonObject(answer) ? memberOf(answer, 'Resources') : undefined;
  const wanted = String(values[listBy]).toLowerCase();
  const resources = isJsonArray(found) ? found.filter(isJsonObject) : [];
  // A service that ignores the filter returns all users.
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
