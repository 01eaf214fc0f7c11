import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { isSameJson } from '../scim/json.ts';
import type { ComparedUsers } from './compared-users.ts';
import type { ActualUser } from './match.ts';
import { nameOfUser } from './plan.ts';
import { planTexts } from './plan-texts.ts';
import { matchKeys } from './unique-rows.ts';

/** Judges the further copies of users whom a list has several times. */
export class ListedCopies {
  /** Why nothing is known for certain of the users whom rows describe, by the positions of the rows. */
  readonly doubts = new Map<number, string>();
  readonly #notes = new Set<string>();
  readonly #compared: ComparedUsers;

  constructor(compared: ComparedUsers) {
    this.#compared = compared;
  }

  /** What a person should know of users whom no row describes. */
  get notes(): readonly string[] {
    return [...this.#notes];
  }

  /** Whether another copy of a user that was compared says something else, as far as the plan depends on it. */
  contradicts(copy: Resource): boolean {
    const kept = this.#compared.find(copy.id);
    const { actual, positions } = this.#compared.describe(copy);
    // A plan changes nothing of a user whom nobody owns and no row describes.
    if (kept !== undefined && this.#isStranger(kept) && this.#isStranger(actual)) return false;
    if (!isSameJson(kept, actual)) return true;
    // The keys are the same, and so are the rows.
    return matchKeys.some((key) => {
      const position = positions[key];
      const desired = position === undefined ? undefined : this.#compared.rows[position];
      if (position === undefined || desired === undefined) return false;
      const known = this.#compared.candidates.of(position).find((one) => one.actual.id === copy.id);
      return !isSameJson(known?.changes, this.#compared.compare(copy, desired));
    });
  }

  /** Leaves a user as it is, because one of its copies contradicts another, and nothing shows which one is right. */
  leave(copy: Resource): void {
    const { id } = copy;
    const user = nameOfUser(this.#compared.find(id) ?? { id });
    const message = fill(planTexts.contradictoryUser, { user, id });
    const described = [...this.#compared.rows.keys()].filter((position) =>
      this.#compared.candidates.of(position).some(({ actual }) => actual.id === id),
    );
    const { positions } = this.#compared.describe(copy);
    for (const position of [...described, ...matchKeys.flatMap((key) => positions[key] ?? [])])
      this.doubts.set(position, message);
    if (![...this.doubts.values()].includes(message)) this.#notes.add(message);
    this.#compared.unclear.add(id);
  }

  #isStranger(user: ActualUser): boolean {
    return !user.isOwned && matchKeys.every((key) => this.#compared.positionOf(key, user[key]) === undefined);
  }
}
