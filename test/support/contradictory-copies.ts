import type { ListRequest } from './start-list-server.ts';

/** A second poll whose list has one user twice, with a different `active`. */
export interface ContradictoryList {
  readonly name: string;
  /** `active` of each copy, in the order of the list. */
  readonly copies: readonly boolean[];
  /** What a GET by ID shows; a number is a status. */
  readonly byId: boolean | number;
  /** The types of the events of `user_deprovisioned`. */
  readonly events: readonly string[];
}

export const contradictoryLists: readonly ContradictoryList[] = [
  { name: 'whose first copy is inactive, and wrong', copies: [false, true], byId: true, events: [] },
  {
    name: 'whose first copy is inactive, and right',
    copies: [false, true],
    byId: false,
    events: ['deactivate'],
  },
  {
    name: 'whose last copy is inactive, and right',
    copies: [true, false],
    byId: false,
    events: ['deactivate'],
  },
  { name: 'that a GET by ID does not find', copies: [false, true], byId: 404, events: [] },
  { name: 'that a GET by ID does not show', copies: [false, true], byId: 403, events: [] },
];

const userOf = (id: string, active: boolean): object => ({ id, userName: `user-${id}`, active });

/** Answers requests for users, of whom `1` is listed and read as given. */
export function answerUsers(
  { line }: ListRequest,
  copies: readonly boolean[],
  byId: ContradictoryList['byId'],
): object | number {
  switch (line) {
    case 'GET /Users': {
      const users = [...copies.map((active) => userOf('1', active)), userOf('2', true), userOf('3', true)];
      return { totalResults: users.length, Resources: users };
    }
    case 'GET /Users/1':
      return typeof byId === 'number' ? byId : userOf('1', byId);
    case 'GET /Users/2':
    case 'GET /Users/3':
      return userOf(line.slice(-1), true);
    default:
      return 404;
  }
}
