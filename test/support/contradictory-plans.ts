import { type ListRequest, pageOf } from './start-list-server.ts';

/** A list that has a user several times, on one page or on several ones. */
export interface ContradictoryPlan {
  readonly name: string;
  /** The users in the order of the list, two on a page. */
  readonly listed: readonly object[];
  /** What a GET by ID shows of the user `1`; a number is a status. */
  readonly byId: object | number;
  /** The rows of the desired state, which owns everyone with an external ID that begins with `hr-`. */
  readonly rows: Record<string, unknown>[];
  /** The changes of the plan, as kind and username. */
  readonly changes: readonly string[];
  readonly problems?: readonly string[];
  readonly notes?: readonly string[];
  /** Whether the user `1` is read by ID. */
  readonly isRead: boolean;
}

const ada = { id: '1', userName: 'ada@x.io', externalId: 'hr-1', active: true, title: 'Analyst' };
const bob = { id: '2', userName: 'bob@x.io', externalId: 'hr-2', active: true };
const cid = { id: '3', userName: 'cid@x.io', externalId: 'hr-3', active: true };
const guest = { id: '1', userName: 'guest@x.io', active: true };
const inactive = { ...ada, active: false };
const renamed = { ...ada, userName: 'ada.king@x.io', externalId: 'hr-7' };
const rowsOf = (...users: readonly (typeof bob)[]): Record<string, unknown>[] =>
  users.map(({ userName, externalId }) => ({ userName, externalId }));
const everyone = rowsOf(ada, bob, cid);
const doubt = (user: string): string =>
  `The provider lists ${user} (ID 1) several times with different values, and does not show by ID which are right.`;

export const contradictoryPlans: readonly ContradictoryPlan[] = [
  {
    name: 'whose later copy is inactive, and right',
    listed: [ada, bob, inactive, cid],
    byId: inactive,
    rows: everyone,
    changes: ['reactivate ada@x.io'],
    isRead: true,
  },
  {
    name: 'whose later copy on the same page is inactive, and wrong',
    listed: [ada, inactive, bob, cid],
    byId: ada,
    rows: everyone,
    changes: [],
    isRead: true,
  },
  {
    name: 'whose copies differ in an attribute of the row',
    listed: [ada, bob, { ...ada, title: 'Director' }, cid],
    byId: { ...ada, title: 'Director' },
    rows: [{ ...everyone[0], title: 'Director' }, ...everyone.slice(1)],
    changes: [],
    isRead: true,
  },
  {
    name: 'whose copies differ in an attribute that the plan does not know',
    listed: [ada, bob, { ...ada, nickName: 'A' }, cid],
    byId: 500,
    rows: everyone,
    changes: [],
    isRead: false,
  },
  {
    name: 'whose later copy has another username, which is the right one',
    listed: [ada, bob, renamed, cid],
    byId: renamed,
    rows: rowsOf(renamed, bob, cid),
    changes: [],
    isRead: true,
  },
  {
    name: 'whose copies differ in ownership, and who is not owned',
    listed: [ada, bob, { ...ada, externalId: 'x-1' }, cid],
    byId: { ...ada, externalId: 'x-1' },
    rows: rowsOf(bob, cid),
    changes: [],
    notes: ['1 active user is not in the desired state, and not owned by it: they stay as they are.'],
    isRead: true,
  },
  {
    name: 'who is owned by the right copy alone, and missing',
    listed: [guest, bob, { ...guest, externalId: 'hr-9' }, cid],
    byId: { ...guest, externalId: 'hr-9' },
    rows: rowsOf(bob, cid),
    changes: ['deactivate guest@x.io'],
    isRead: true,
  },
  {
    name: 'whom nobody owns and no row describes',
    listed: [guest, bob, { ...guest, title: 'Guest' }, cid],
    byId: 500,
    rows: rowsOf(bob, cid),
    changes: [],
    notes: ['1 active user is not in the desired state, and not owned by it: they stay as they are.'],
    isRead: false,
  },
  {
    name: 'whom a GET by ID does not find',
    listed: [ada, bob, inactive, cid],
    byId: 404,
    rows: everyone,
    changes: [],
    problems: [doubt('ada@x.io')],
    isRead: true,
  },
  {
    name: 'whom a GET by ID does not show, and whose later copy a row describes',
    listed: [ada, bob, renamed, cid],
    byId: 403,
    rows: rowsOf(renamed, bob, cid),
    changes: [],
    problems: [doubt('ada@x.io')],
    isRead: true,
  },
  {
    name: 'whom a GET by ID does not show, and whom no row describes',
    listed: [ada, bob, inactive, cid],
    byId: 403,
    rows: rowsOf(bob, cid),
    changes: [],
    notes: [doubt('ada@x.io')],
    isRead: true,
  },
];

/** Answers requests for the users of a list, two on a page. */
export function answerContradictory(
  { listed, byId }: Pick<ContradictoryPlan, 'listed' | 'byId'>,
  { line, parameters }: ListRequest,
): object | number {
  if (line === 'GET /Users') return pageOf(listed, { ...parameters, count: '2' });
  return line === 'GET /Users/1' ? byId : 404;
}

/** The changes of a plan as the table has them. */
export function shownChanges(changes: readonly { readonly kind: string }[]): readonly string[] {
  return changes.map((change) => `${change.kind} ${Object(Object(change).user).userName}`);
}
