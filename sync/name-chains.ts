import { fill } from '../schemas/fill.ts';
import { type DesiredUser, desiredText, type RowProblem } from './desired.ts';
import type { Match } from './match.ts';
import { planTexts } from './plan-texts.ts';

/** What cannot be made, and why. */
export interface NameConflicts {
  readonly rejected: ReadonlySet<Match>;
  readonly problems: readonly RowProblem[];
}

/**
 * Finds the rows whose username another user has. A name can be taken over only from a user who is renamed first, and
 * never in a circle: two users cannot have one name even for a moment.
 */
export function findNameConflicts(matches: readonly Match[]): NameConflicts {
  const waiting = matches.filter(({ nameHeldBy }) => nameHeldBy !== undefined);
  const holders = new Set(waiting.map(({ nameHeldBy }) => nameHeldBy));
  const byUser = new Map(
    matches.flatMap((match) =>
      match.actual !== undefined && holders.has(match.actual.id) ? [[match.actual.id, match] as const] : [],
    ),
  );
  const free = new Set<Match>();
  const rejected = new Set<Match>();
  const problems: RowProblem[] = [];
  const reject = (match: Match, rows: readonly number[], message: string): void => {
    rejected.add(match);
    if (message !== '') problems.push({ rows: rows.toSorted((one, other) => one - other), message });
  };
  for (const start of waiting) {
    const chain = new Set<Match>();
    let at = start;
    while (!free.has(at) && !rejected.has(at) && !chain.has(at)) {
      if (at.nameHeldBy === undefined) {
        free.add(at);
        break;
      }
      const holder = byUser.get(at.nameHeldBy);
      if (holder === undefined || !renames(holder)) {
        reject(at, [at.desired.row], takenText(at));
        break;
      }
      chain.add(at);
      at = holder;
    }
    if (chain.has(at)) {
      const circle = [...chain].slice([...chain].indexOf(at));
      const rows = circle.map(({ desired }) => desired.row);
      for (const [index, match] of circle.entries())
        reject(match, rows, index === 0 ? circleText(circle) : '');
    }
    // What waits for a rename that cannot be made cannot be made either.
    for (const match of [...chain].reverse()) {
      if (rejected.has(match)) continue;
      const holder = byUser.get(match.nameHeldBy ?? '');
      if (holder !== undefined && rejected.has(holder))
        reject(match, [match.desired.row], waitingText(match, holder));
      else free.add(match);
    }
  }
  return { rejected, problems };
}

function renames({ changes }: Match): boolean {
  return changes.some(({ path }) => path === 'userName');
}

function circleText(circle: readonly Match[]): string {
  const names = circle
    .slice(0, 5)
    .map(({ actual, desired }) =>
      fill(planTexts.rename, { row: desired.row, from: actual?.userName ?? '', to: userNameOf(desired) }),
    );
  return fill(planTexts.circle, { renames: names.join(', ') });
}

function takenText({ desired, nameHeldBy }: Match): string {
  return fill(planTexts.nameTaken, { userName: userNameOf(desired), id: nameHeldBy ?? '' });
}

function waitingText({ desired }: Match, holder: Match): string {
  return fill(planTexts.nameWaits, { userName: userNameOf(desired), row: holder.desired.row });
}

function userNameOf(desired: DesiredUser): string {
  return desiredText(desired, 'userName') ?? '';
}
