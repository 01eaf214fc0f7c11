import { invalidInput } from '../connector/errors.ts';
import { fill } from '../schemas/fill.ts';
import { type ColumnMap, columnMapProblem } from '../sync/column-map.ts';
import { ownershipForms, parseOwnership } from '../sync/ownership.ts';
import type { MatchKey, PlanOptions } from '../sync/plan-options.ts';
import { planTexts } from '../sync/plan-texts.ts';
import { planUsers } from '../sync/plan-users.ts';
import { readRows, type SourceRows } from '../sync/read-rows.ts';
import type { SourceRow } from '../sync/row-reader.ts';
import { syncedResources } from '../sync/synced-resources.ts';
import type { Input, OperationHandler } from './operation.ts';

/** Compares a desired state with the provider. The plan is part of the output as text, which every host passes on unchanged. */
export const plan: OperationHandler<'plan'> = {
  type: 'plan',
  isLongRunning: true,
  async run(context, _action, input) {
    // A wrong option is reported before the rows, whose problems may come from it.
    const options = optionsOf(input);
    const state = readRows(syncedResources(context.definition).users, {
      source: planTexts.theDesiredState,
      ...readableRows(input.users as readonly (SourceRow | null)[]),
      map: mapOf(input.map),
    });
    const made = await planUsers(context, state, options);
    const { id, counts, unchanged, untouchable, changes, holds, problems, notes } = made;
    return {
      planId: id,
      counts,
      unchanged,
      untouchable,
      changes,
      holds,
      problems,
      notes,
      plan: JSON.stringify(made),
    };
  },
};

/** The rows that are objects, with their numbers, and a problem for each row that is null. */
function readableRows(
  users: readonly (SourceRow | null)[],
): Pick<SourceRows, 'rows' | 'numbers' | 'problems'> {
  const numbered = users.map((row, index) => ({ row, number: index + 1 }));
  const readable = numbered.flatMap(({ row, number }) => (row === null ? [] : [{ row, number }]));
  return {
    rows: readable.map(({ row }) => row),
    numbers: readable.map(({ number }) => number),
    problems: numbered.flatMap(({ row, number }) =>
      row === null ? [{ rows: [number], message: planTexts.nullRow }] : [],
    ),
  };
}

function mapOf(given: unknown): ColumnMap | undefined {
  if (given === undefined) return undefined;
  const problem = columnMapProblem(given);
  if (problem !== undefined) throw invalidInput([{ path: 'map', message: problem }]);
  return given as ColumnMap;
}

function optionsOf(input: Input): PlanOptions {
  const { ownedBy, neverTouch, missing, groups, createGroups, matchBy, safetyLimit } = input;
  return {
    ownedBy: ownedBy === undefined ? undefined : ownershipOf(ownedBy as string),
    neverTouch: neverTouch as readonly string[] | undefined,
    missing: missing as PlanOptions['missing'],
    groups: groups === undefined ? undefined : groupsOf(groups as readonly string[]),
    createGroups: createGroups as boolean | undefined,
    matchBy: matchBy === undefined ? undefined : [matchBy as MatchKey],
    massChangeLimit: safetyLimit as number | undefined,
  };
}

function ownershipOf(text: string): PlanOptions['ownedBy'] {
  const ownership = parseOwnership(text);
  if (ownership !== undefined) return ownership;
  throw invalidInput([
    { path: 'ownedBy', message: fill(planTexts.notAnOwnership, { forms: ownershipForms }) },
  ]);
}

/** `all` alone is every group; a group of that name can still be named in a list with others. */
function groupsOf(names: readonly string[]): PlanOptions['groups'] {
  return names.length === 1 && names[0] === 'all' ? 'all' : names;
}
