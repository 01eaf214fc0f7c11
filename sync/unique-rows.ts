import { fill } from '../schemas/fill.ts';
import { foldCase } from '../scim/fold-case.ts';
import { isSameJson } from '../scim/json.ts';
import {
  type DesiredState,
  type DesiredUser,
  desiredText,
  type RowProblem,
  type UnusableRow,
} from './desired.ts';
import type { MatchKey } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import { rowsText, shortPath } from './row-texts.ts';

/** The keys by which rows and users can be the same, the strongest first. */
export const matchKeys = ['id', 'externalId', 'userName'] as const satisfies readonly MatchKey[];

/** The value of a key in a row. */
export function keyInRow(user: DesiredUser, key: MatchKey): string | undefined {
  return key === 'id' ? user.id : desiredText(user, key);
}

/** The form in which keys are compared: usernames without regard to case, as providers do. */
export function comparableKey(key: MatchKey, value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  return key === 'userName' ? foldCase(value) : value;
}

/** A desired state with at most one row for each user, and an index of them. */
export interface UniqueRows extends DesiredState {
  /** The positions in `users` by the value of each key, as {@link comparableKey} returns it. */
  readonly index: UserIndex;
}

export type UserIndex = Readonly<Record<MatchKey, ReadonlyMap<string, number>>>;

/**
 * The desired state with at most one row for each user. Of rows that say the same, the first one counts. Rows that
 * contradict each other become unusable.
 */
export function withoutRepeats(state: DesiredState): UniqueRows {
  const { index, repeated } = indexUsers(state.users);
  const dropped = new Set<DesiredUser>();
  const unusable: UnusableRow[] = [];
  const problems: RowProblem[] = [];
  const repeats: number[] = [];
  for (const key of matchKeys) {
    for (const users of repeated[key]) {
      const [first, ...others] = users.filter((user) => !dropped.has(user));
      if (first === undefined || others.length === 0) continue;
      if (others.every((other) => differingPaths(first, other).length === 0)) {
        for (const other of others) dropped.add(other);
        repeats.push(...others.map(({ row }) => row));
        continue;
      }
      problems.push({
        rows: users.map(({ row }) => row),
        message: repeatText(key, first, others[0] ?? first),
      });
      for (const user of [first, ...others]) {
        dropped.add(user);
        unusable.push(unusableRow(user));
      }
    }
  }
  const sorted = repeats.toSorted((one, other) => one - other);
  const users = dropped.size === 0 ? state.users : state.users.filter((user) => !dropped.has(user));
  return {
    ...state,
    users,
    index: dropped.size === 0 ? index : indexUsers(users).index,
    unusable: [...state.unusable, ...unusable],
    problems: [...state.problems, ...problems],
    notes: [
      ...state.notes,
      ...(sorted.length === 0
        ? []
        : [fill(sorted.length === 1 ? planTexts.repeats : planTexts.repeat, { rows: rowsText(sorted) })]),
      ...sharedEmails(users),
    ],
  };
}

/** The first user of each key, and the users of the same key, where there are several. */
function indexUsers(users: readonly DesiredUser[]): {
  readonly index: UserIndex;
  readonly repeated: Readonly<Record<MatchKey, Iterable<readonly DesiredUser[]>>>;
} {
  const index = byKey(() => new Map<string, number>());
  const repeated = byKey(() => new Map<string, DesiredUser[]>());
  for (const [position, user] of users.entries())
    for (const key of matchKeys) {
      const value = comparableKey(key, keyInRow(user, key));
      if (value === undefined) continue;
      const first = index[key].get(value);
      if (first === undefined) index[key].set(value, position);
      else repeated[key].set(value, [...(repeated[key].get(value) ?? users.slice(first, first + 1)), user]);
    }
  return { index, repeated: byKey((key) => repeated[key].values()) };
}

/** A value for each key. */
export function byKey<T>(make: (key: MatchKey) => T): Readonly<Record<MatchKey, T>> {
  return { id: make('id'), externalId: make('externalId'), userName: make('userName') };
}

/** A row as one that cannot be used. */
export function unusableRow(user: DesiredUser): UnusableRow {
  return {
    row: user.row,
    id: user.id,
    userName: desiredText(user, 'userName'),
    externalId: desiredText(user, 'externalId'),
  };
}

function repeatText(key: MatchKey, one: DesiredUser, other: DesiredUser): string {
  const differing = differingPaths(one, other).filter((path) => path !== key);
  const paths = differing.slice(0, 5).map(shortPath).join(', ');
  return fill(planTexts.sameKey, {
    key: planTexts[key],
    value: keyInRow(one, key) ?? '',
    differing: differing.length === 0 ? '' : fill(planTexts.differing, { paths }),
  });
}

/** Two rows with one email address may be one person: that is not an error, but worth a look. */
function sharedEmails(users: readonly DesiredUser[]): readonly string[] {
  const firsts = new Map<string, number>();
  const rowsOf = new Map<string, Set<number>>();
  for (const user of users)
    for (const email of emailsOf(user)) {
      const first = firsts.get(email);
      if (first === undefined) firsts.set(email, user.row);
      else rowsOf.set(email, (rowsOf.get(email) ?? new Set([first])).add(user.row));
    }
  const shared = [...rowsOf].filter(([, rows]) => rows.size > 1);
  const shown = shared
    .slice(0, mostShown)
    .map(([email, rows]) => fill(planTexts.sharedEmail, { rows: rowsText([...rows]), email }));
  return shared.length > mostShown
    ? [...shown, fill(planTexts.moreSharedEmails, { count: shared.length - mostShown })]
    : shown;
}

const mostShown = 5;

/** The email addresses of a desired user, as they are compared. */
export function emailsOf({ attributes, items = [] }: DesiredUser): readonly string[] {
  const list = attributes.emails;
  if (list === undefined && items.length === 0) return [];
  const values = [
    ...(Array.isArray(list) ? list : []),
    ...items.filter(({ path }) => path === 'emails').map(({ item }) => item),
  ];
  return values.flatMap((item) => (typeof item?.value === 'string' ? [foldCase(item.value)] : []));
}

function differingPaths(one: DesiredUser, other: DesiredUser): readonly string[] {
  const [before, after] = [valuesOf(one), valuesOf(other)];
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => !isSameJson(before.get(path) ?? null, after.get(path) ?? null),
  );
}

function valuesOf({
  attributes,
  items = [],
  groups,
  manager,
  id,
}: DesiredUser): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ...Object.entries(attributes),
    ...Map.groupBy(items, ({ path }) => path),
    ['groups', groups],
    ['manager', manager],
    ['id', id],
  ]);
}
