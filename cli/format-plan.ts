import { cutValue } from '../actions/dry-run/format-dry-run.ts';
import type { ChangeResult } from '../sync/apply-result.ts';
import { textOf } from '../sync/apply-user.ts';
import { isUserChange, nameOfUser, type Plan, type PlanCounts, type PlannedChange } from '../sync/plan.ts';
import { rowsText, shortPath } from '../sync/row-texts.ts';
import { counted } from './counted.ts';
import { bold, styled } from './terminal.ts';

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

/** A plan as a person reads it: its changes, what is held and why, and a summary. */
export function formatPlan(plan: Plan, isScreen: boolean): readonly string[] {
  const shown = isScreen ? plan.changes.slice(0, mostLines) : plan.changes;
  const rest = plan.changes.length - shown.length;
  return [
    ...formatLines(shown.map(lineOf)),
    ...(rest > 0 ? [`… and ${rest} more changes. --out FILE or --json has all of them.`] : []),
    ...section(
      'Problems',
      plan.problems.map(({ rows, message }) => `${rows.length === 0 ? '' : `${rowsText(rows)}: `}${message}`),
    ),
    ...section('Notes', plan.notes),
    ...plan.holds.flatMap(({ id, reason, changes, names }) => [
      '',
      styled('red', bold(`Held: ${counted(changes, 'change')} (${id})`)),
      `  ${reason}`,
      `  ${names.join(', ')}${changes > names.length ? `, and ${changes - names.length} more` : ''}`,
      `  If this is right, approve exactly these changes: rolecall apply … --approve ${id}`,
    ]),
    '',
    bold(summaryOf(plan)),
  ];
}

/** The results of an apply that need attention. */
export function formatResults(results: readonly ChangeResult[]): readonly string[] {
  return results
    .filter(({ outcome }) => outcome === 'refused' || outcome === 'failed' || outcome === 'waiting')
    .map(({ change, outcome, message }) => {
      const { what, name, row } = lineOf(change);
      const where = row === '' ? '' : ` (${row})`;
      return styled('red', `${outcome}: ${what} ${name}${where}: ${message ?? ''}`);
    });
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
      name: isMembership ? nameOfUser(change.user) : change.group.displayName,
      details: `${isMembership ? change.group.displayName : ''}${heldText(change)}`,
    };
  }
  const { kind, user, attributes, hint } = change;
  const isWhole = kind === 'create' || kind === 'delete';
  const changed = isWhole
    ? []
    : attributes.map(
        ({ path, from, to }) => `${shortPath(path)}: ${cutValue(textOf(from))} → ${cutValue(textOf(to))}`,
      );
  const names =
    kind === 'create' ? attributes.filter(({ path }) => path !== 'userName' && path !== 'active') : [];
  const given = names.map(({ path, to }) => `${shortPath(path)}: ${cutValue(textOf(to))}`);
  const details = [...changed, ...given].join('; ');
  return {
    sign: kind === 'create' || kind === 'reactivate' ? '+' : kind === 'update' ? '~' : '-',
    what: kind,
    row,
    name: nameOfUser(user),
    details: `${details}${heldText(change)}${hint === undefined ? '' : ` (${hint})`}`,
  };
}

function heldText({ heldBy }: PlannedChange): string {
  return heldBy === undefined ? '' : ' [held]';
}

function formatLines(lines: readonly ChangeLine[]): readonly string[] {
  const width = (pick: (line: ChangeLine) => string, most: number): number =>
    Math.min(most, Math.max(0, ...lines.map((line) => pick(line).length)));
  const [whatWidth, rowWidth, nameWidth] = [
    width(({ what }) => what, 14),
    width(({ row }) => row, 12),
    width(({ name }) => name, 50),
  ];
  return lines.map(({ sign, what, row, name, details }) => {
    const head = `${sign} ${what.padEnd(whatWidth)}`;
    return `${styled(styles[sign], head)}  ${row.padEnd(rowWidth)}  ${name.padEnd(nameWidth)}  ${details}`.trimEnd();
  });
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', bold(title), ...lines.map((line) => `  ${line}`)];
}
