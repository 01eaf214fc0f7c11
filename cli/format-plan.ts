import { cutValue } from '../actions/dry-run/format-dry-run.ts';
import { printableLine } from '../schemas/printable.ts';
import type { ChangeResult } from '../sync/apply-result.ts';
import { textOf } from '../sync/apply-user.ts';
import type { RowProblem } from '../sync/desired.ts';
import {
  type AttributeChange,
  isUserChange,
  nameOfUser,
  type Plan,
  type PlanCounts,
  type PlannedChange,
  type UserChangeKind,
} from '../sync/plan.ts';
import { rowsText, shortPath } from '../sync/row-texts.ts';
import { counted } from './counted.ts';
import { reasonInFlags } from './options.ts';
import { isolateNames } from './right-to-left.ts';
import { wrap } from './table.ts';
import { bold, isKnownWidth, styled, type Terminal } from './terminal.ts';
import { padTo, widthOf } from './text-width.ts';

/** A change as a line, without its signs and colors. */
interface ChangeLine {
  readonly sign: '+' | '~' | '-';
  readonly what: string;
  readonly row: string;
  readonly name: string;
  readonly details: string;
}

/** More lines than this do not help on a terminal. */
const mostLines = 200;
const styles = { '+': 'green', '~': 'yellow', '-': 'red' } as const;

/** Where a plan is shown. */
export interface Screen {
  /** Whether it is a terminal: elsewhere, everything is on a line of its own, however many and long they are. */
  readonly isScreen: boolean;
  /** Its width, in characters. */
  readonly columns: number;
}

/** Where messages are shown. */
export function errorScreen({ isErrorScreen, columns }: Terminal): Screen {
  return { isScreen: isErrorScreen, columns };
}

/** A plan as a person reads it: its changes, what is held and why, and a summary. */
export function formatPlan(plan: Plan, screen: Screen): readonly string[] {
  const { isScreen } = screen;
  const width = isScreen && isKnownWidth(screen.columns) ? screen.columns : Number.POSITIVE_INFINITY;
  const most = isScreen ? mostLines : Number.POSITIVE_INFINITY;
  const problems = isScreen ? joinAlike(plan.problems) : plan.problems;
  const lines = [
    ...formatLines(plan.changes.slice(0, most).map(lineOf), width),
    ...restOf(plan.changes, most, 'change'),
    ...section(
      'Problems',
      [
        ...problems
          .slice(0, most)
          .map(({ rows, message }) => `${rows.length === 0 ? '' : `${rowsText(rows)}: `}${message}`),
        ...restOf(problems, most, 'problem'),
      ],
      width,
    ),
    ...section('Notes', plan.notes, width),
    ...plan.holds.flatMap(({ id, reason, changes, names }) => [
      '',
      styled('red', bold(`Held: ${counted(changes, 'change')} (${id})`)),
      ...[
        reason,
        `${names.join(', ')}${changes > names.length ? `, and ${changes - names.length} more` : ''}`,
        `If this is right, approve exactly these changes: rolecall apply … --approve ${id}`,
      ].flatMap((line) => indented(line, width)),
    ]),
    '',
    ...wrap(summaryOf(plan), width).map(bold),
  ];
  return isolateNames(lines, isScreen);
}

/** Rows with the same problem, as of a column that is wrong throughout, as one problem. */
function joinAlike(problems: readonly RowProblem[]): readonly RowProblem[] {
  return [...Map.groupBy(problems, ({ rows, message }) => (rows.length === 1 ? message : rows))].flatMap(
    ([key, alike]) =>
      typeof key === 'string' ? [{ rows: alike.flatMap(({ rows }) => rows), message: key }] : alike,
  );
}

function restOf({ length }: readonly unknown[], most: number, one: string): readonly string[] {
  return length > most
    ? [`… and ${counted(length - most, `more ${one}`)}. --out FILE or --json has all of them.`]
    : [];
}

/** The results of an apply that need attention. */
export function formatResults(results: readonly ChangeResult[], isScreen: boolean): readonly string[] {
  const lines = results
    .filter(({ outcome }) => outcome === 'refused' || outcome === 'failed' || outcome === 'waiting')
    .map(({ change, outcome, code, message = '' }) => {
      const { what, name, row } = lineOf(change);
      const where = row === '' ? '' : ` (${row})`;
      return styled('red', `${outcome}: ${what} ${name}${where}: ${reasonInFlags(code, message)}`);
    });
  return isolateNames(lines, isScreen);
}

/** "3 to create, 1 to deactivate, 2 unchanged" */
export function summaryOf({ counts, unchanged, untouchable, problems, source, baseUrl }: Plan): string {
  const parts = [
    ...(Object.keys(words) as (keyof PlanCounts)[]).flatMap((kind) => {
      const number = counts[kind];
      const [one, several = one] = words[kind];
      return number === 0 ? [] : [counted(number, one, several)];
    }),
    `${unchanged} unchanged`,
    ...(untouchable === 0 ? [] : [`${untouchable} protected`]),
    ...(problems.length === 0 ? [] : [counted(problems.length, 'problem')]),
  ];
  return `${source} → ${baseUrl}: ${parts.join(', ')}.`;
}

/** The words after the number of changes of a kind: of one, and of several where they differ. */
const words: Readonly<Record<keyof PlanCounts, readonly [one: string, several?: string]>> = {
  create: ['to create'],
  update: ['to update'],
  reactivate: ['to reactivate'],
  deactivate: ['to deactivate'],
  delete: ['to delete'],
  create_group: ['group to create', 'groups to create'],
  delete_group: ['group to delete', 'groups to delete'],
  join: ['membership to add', 'memberships to add'],
  leave: ['membership to remove', 'memberships to remove'],
};

function lineOf(change: PlannedChange): ChangeLine {
  const row = 'row' in change && change.row !== undefined ? `row ${change.row}` : '';
  if (!isUserChange(change)) {
    const isAdded = change.kind === 'create_group' || change.kind === 'join';
    const isMembership = change.kind === 'join' || change.kind === 'leave';
    return {
      sign: isAdded ? '+' : '-',
      what: change.kind.replace('_', ' '),
      row,
      name: printableLine(isMembership ? nameOfUser(change.user) : change.group.displayName),
      details: `${isMembership ? change.group.displayName : ''}${heldText(change)}`,
    };
  }
  const { kind, user, attributes, hint } = change;
  // The line says already who is created, active unless it says otherwise, and of a deleted user it would only say what is checked before.
  const shown =
    kind === 'create'
      ? attributes.filter(({ path, to }) => path !== 'userName' && (path !== 'active' || to === false))
      : kind === 'delete'
        ? []
        : attributes;
  const details = shown.map((one) => formatAttribute(kind, one)).join('; ');
  return {
    sign: kind === 'create' || kind === 'reactivate' ? '+' : kind === 'update' ? '~' : '-',
    what: kind,
    row,
    // What the terminal escapes has the width of its escape.
    name: printableLine(nameOfUser(user)),
    details: `${details}${heldText(change)}${hint === undefined ? '' : ` (${hint})`}`,
  };
}

/**
 * The change of an attribute: `title: "Analyst" → "Director"`. Users are named, not identified.
 *
 * @param shown - what is shown of a value; a line of a terminal has no place for a long one
 */
export function formatAttribute(
  kind: UserChangeKind,
  { path, from, to, fromUserName, toUserName, toUserOf }: AttributeChange,
  shown: (value: string) => string = cutValue,
): string {
  const isUser = [fromUserName, toUserName, toUserOf].some((one) => one !== undefined);
  const name = isUser ? shortPath(path).replace(/\.value$/, '') : shortPath(path);
  const after = shown(textOf(toUserName ?? to));
  return kind === 'create'
    ? `${name}: ${after}`
    : `${name}: ${shown(textOf(fromUserName ?? from))} → ${after}`;
}

function heldText({ heldBy }: PlannedChange): string {
  return heldBy === undefined ? '' : ' [held]';
}

/** The change lines in columns. Details that do not fit hang in their column, or if that is too narrow, below. */
function formatLines(lines: readonly ChangeLine[], columns: number): readonly string[] {
  const width = (pick: (line: ChangeLine) => string, most: number): number =>
    Math.min(most, Math.max(0, ...lines.map((line) => widthOf(pick(line)))));
  const [whatWidth, rowWidth, nameWidth] = [
    width(({ what }) => what, 14),
    width(({ row }) => row, 12),
    width(({ name }) => name, 50),
  ];
  return lines.flatMap(({ sign, what, row, name, details }) => {
    const kind = `${sign} ${padTo(what, whatWidth)}`;
    const who = `  ${padTo(row, rowWidth)}  ${padTo(name, nameWidth)}  `;
    const indent = widthOf(kind) + widthOf(who);
    const isBelow = indent + Math.min(widthOf(details), narrowestDetails) > columns;
    const [first = '', ...more] = isBelow
      ? ['', ...indented(details, columns)]
      : wrap(details, columns - indent).map((line, index) => ' '.repeat(index === 0 ? 0 : indent) + line);
    return [`${styled(styles[sign], kind)}${who}${first}`.trimEnd(), ...more];
  });
}

/** In a narrower column, the details of a change would be a tower of words. */
const narrowestDetails = 30;

function section(title: string, lines: readonly string[], columns: number): readonly string[] {
  return lines.length === 0 ? [] : ['', bold(title), ...lines.flatMap((line) => indented(line, columns))];
}

/** A paragraph: its first line is indented, and the others are a little more. */
function indented(line: string, columns: number): readonly string[] {
  return wrap(line, columns - 4).map((part, index) => (index === 0 ? `  ${part}` : `    ${part}`));
}
