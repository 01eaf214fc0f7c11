import type { CapabilityState, LeftBehind, ProbeCheck, ProbeReport } from '../probe/report.ts';
import { table } from './table.ts';

const states: Readonly<Record<CapabilityState, string>> = {
  works: 'works',
  fails: 'does not work',
  declared: 'declared, not tried',
  declared_missing: 'declared as missing, not tried',
  unknown: 'not tried, and not declared',
};

const open: Readonly<Partial<Record<ProbeCheck['outcome'], string>>> = {
  undetermined: 'not proved',
  not_tried: 'not tried',
  failed: 'failed',
};

/**
 * Formats the report of a probe for people: capabilities, deviations, and what the probe could not find out.
 *
 * @param columns - the width of the terminal; nothing wraps if it is not known
 */
export function formatProbe(report: ProbeReport, columns: number): readonly string[] {
  const { capabilities, checks, deviations, traits, leftBehind, removedLeftovers } = report;
  const withOutcome = (...outcomes: readonly ProbeCheck['outcome'][]): readonly ProbeCheck[] =>
    checks.filter(({ outcome }) => outcomes.includes(outcome));
  const section = (title: string, heads: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : ['', title, ...table(heads, rows, columns).map((line) => line.trimEnd())];
  return [
    `${report.baseUrl}: ${report.requests} requests, ${report.mode === 'read' ? 'nothing was changed' : writtenOf(report)}`,
    ...(report.stopped ? ['The probe was stopped before its end.'] : []),
    ...section(
      'CAPABILITIES',
      ['capability', 'state'],
      Object.entries(capabilities).map(([name, state]) => [name.replaceAll('_', ' '), states[state]]),
    ),
    ...section('DEVIATIONS', ['question', 'answer', 'standard', 'what follows'], deviations.map(describe)),
    ...(deviations.length === 0 ? ['', 'No deviations were found.'] : []),
    ...section(
      'OPTIONAL, AND MISSING',
      ['question', 'answer', 'standard', 'what follows'],
      withOutcome('unsupported').map(describe),
    ),
    ...section(
      'TRAITS',
      ['trait', 'what the provider does'],
      traits.map(({ name, summary }) => [name, summary]),
    ),
    ...section(
      'AS EXPECTED',
      ['question', 'answer'],
      withOutcome('as_specified').map(({ question, found }) => [question, found]),
    ),
    ...section(
      'NOT FOUND OUT',
      ['question', 'why', ''],
      withOutcome('undetermined', 'not_tried', 'failed').map(({ question, found, outcome }) => [
        question,
        found,
        open[outcome] ?? '',
      ]),
    ),
    ...section(
      'REMOVED',
      ['leftover of an earlier probe'],
      removedLeftovers.map((name) => [name]),
    ),
    ...(report.leftoverSearch === 'filter'
      ? [
          '',
          'The list of users or groups is too long to read, so leftovers of earlier probes were only searched for with a filter.',
        ]
      : []),
    ...section(
      'LEFT BEHIND',
      ['type', 'name', 'ID', 'why', 'how to remove it'],
      leftBehind.map((one) => [one.type, one.name, one.id ?? 'unknown', one.reason, howToRemove(one)]),
    ),
  ];
}

function writtenOf({ leftBehind }: ProbeReport): string {
  const left = leftBehind.length === 0 ? 'none of which is left' : 'some of which are left';
  return `with changes to users and groups of its own, ${left}`;
}

function describe({ question, found, reference, consequences }: ProbeCheck): readonly string[] {
  return [question, found, reference, consequences.join(' ')];
}

/** How to remove a resource that a probe left behind. */
export function howToRemove({ path, type, name }: LeftBehind): string {
  return path === undefined ? `Delete the ${type.toLowerCase()} ${name}.` : `DELETE ${path}`;
}
