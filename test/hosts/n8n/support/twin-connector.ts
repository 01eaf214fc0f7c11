import { expect } from 'vitest';
import type { ActionDefinition } from '../../../../connector/definition/definition.ts';
import { createErrorLabels } from '../../../../hosts/kit/error-labels.ts';
import { formTraits } from '../../../../hosts/kit/form-traits.ts';
import { labelOf } from '../../../../hosts/n8n/form/words.ts';
import { parameterLabels } from '../../../../hosts/n8n/parameter-names.ts';
import { type Connector, ConnectorError } from '../../../../runtime/index.ts';
import { isRecord } from '../../../../schemas/is-record.ts';
import type { RowProblem } from '../../../../sync/desired.ts';
import { definition } from '../../../support/open-test-session.ts';

type Input = Readonly<Record<string, unknown>>;

/** Runs one action by the node, for one item, and returns the items that come of it. */
export type RunInN8n = (action: ActionDefinition, input: Input) => Promise<readonly unknown[]>;

/**
 * The library's face, with n8n next to it: each action is run by the library at its provider, and by the node at another
 * one that has seen the same, and what the node returns must be what the library gave. Calls follow one another.
 */
export function twinConnector(library: Connector, runInN8n: RunInN8n): Connector {
  const ours = new Names();
  const theirs = new Names();
  /** A plan is bound to its provider, so that the node gets its own. */
  const plans = new Map<unknown, unknown>();
  const actions = definition.actions.map((action) => {
    const runTwice = async (input: Input): Promise<unknown> => {
      const call = library.actions[action.key as keyof Connector['actions']] as (input: Input) => unknown;
      const outcome = await Promise.resolve(call(input)).catch((error: unknown) => error);
      const { plan = undefined } = input;
      const own = plans.has(plan) ? { ...input, plan: undefined } : input;
      const translated = ours.translate(own, theirs);
      const items = await runInN8n(
        action,
        plans.has(plan) ? { ...translated, plan: plans.get(plan) } : translated,
      );
      if (action.operation.type === 'plan') plans.set(planIn([outcome]), planIn(items));
      expect(theirs.hide(items), action.key).toEqual(ours.hide(itemsOf(action, outcome)));
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
    return [action.key, runTwice];
  });
  return { ...library, actions: Object.fromEntries(actions) };
}

function planIn([summary]: readonly unknown[]): unknown {
  return isRecord(summary) ? summary.plan : undefined;
}

/** The labels that n8n puts in place of the keys of fields. */
const labels = createErrorLabels(definition, labelOf, 'actions', parameterLabels);

/** The items that an outcome of the library is in n8n. */
function itemsOf(action: ActionDefinition, outcome: unknown): readonly unknown[] {
  const { operation } = action;
  if (outcome instanceof ConnectorError) {
    const labeled = labels.label(outcome, action.fields);
    return [{ error: labeled.message, details: labeled.toJSON() }];
  }
  if (outcome instanceof Error) throw outcome;
  const { changes } = formTraits(action);
  if (changes !== undefined) {
    const { [changes]: list, ...summary } = outcome as Readonly<Record<string, readonly unknown[]>>;
    return [summary, ...(list ?? []), ...problemItems(summary.problems)];
  }
  if (operation.type === 'search') return (outcome as { resources: readonly unknown[] }).resources;
  return [outcome ?? {}];
}

/** The items of rows that cannot be used. */
function problemItems(problems: readonly unknown[] = []): readonly unknown[] {
  return (problems as readonly RowProblem[]).flatMap(({ rows, message }) =>
    rows.map((row) => ({ error: message, details: { row } })),
  );
}

/** What two providers name by themselves: IDs by the order in which they are seen, times, and their own addresses. */
class Names {
  readonly #ids: string[] = [];

  /** The same as plain data, with such names hidden. */
  hide(value: unknown): unknown {
    const text = JSON.stringify(value)
      .replaceAll(isId, (id) => {
        if (!this.#ids.includes(id)) this.#ids.push(id);
        return `id ${this.#ids.indexOf(id)}`;
      })
      .replaceAll(isTime, 'a time')
      .replaceAll(isOrigin, 'http://provider');
    return JSON.parse(text, (key, one) => (ofConnection.has(key) ? undefined : one));
  }

  /** The same with the IDs that another provider has for what is meant. */
  translate(input: Input, other: Names): Input {
    const text = JSON.stringify(input).replaceAll(isId, (id) => other.#ids[this.#ids.indexOf(id)] ?? id);
    return JSON.parse(text);
  }
}

/**
 * What speaks of one connection at one moment: headers, and by what an absence was proved. The library's connection has
 * learned what its provider shows, and each execution of n8n has a new one.
 */
const ofConnection: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'date', 'evidence']);
const isId = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?:hold|plan)-[\da-f]{16}/g;
const isTime = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const isOrigin = /http:\/\/127\.0\.0\.1:\d+/g;
