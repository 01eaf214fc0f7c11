import { asSpecified, type Check, deviates, notTried, undetermined } from '../check.ts';
import { isSameSequence, positions, readUsers } from '../list-pages.ts';

/** How many more times the first page is read, to see whether the order stays. */
const rereads = 3;

/** The first page of a list: whether it is there, and what it shows (RFC 7644 §3.4.2). */
export const listChecks: readonly Check[] = [
  {
    key: 'start_index_required',
    question: 'Does a list without parameters have results?',
    reference: 'RFC 7644 §3.4.2.4',
    async run(context) {
      const first = await readUsers(context, {});
      if (first !== undefined && first.entries.length > 0) {
        context.facts.users = first;
        context.facts.tried.set('users', true);
        return asSpecified(`Yes. Users on the first page: ${first.entries.length}.`);
      }
      const indexed = await readUsers(context, { startIndex: '1' });
      if (first === undefined && indexed === undefined) {
        context.facts.tried.set('users', false);
        return notTried('Users cannot be listed.');
      }
      const shown = indexed !== undefined && indexed.entries.length > 0 ? indexed : (first ?? indexed);
      if (shown !== undefined) context.facts.users = shown;
      context.facts.tried.set('users', true);
      if (indexed === undefined || indexed.entries.length === 0) return undetermined('No users are listed.');
      context.facts.listQuery.startIndex = '1';
      return deviates('A list is empty unless `startIndex` is sent.', 'start-index-required');
    },
  },
  {
    key: 'order',
    question: 'Is the order of a list the same in each response?',
    reference: 'RFC 7644 §3.4.2.3',
    async run(context) {
      const { facts } = context;
      const first = facts.users;
      if (first === undefined || first.entries.length < 2)
        return undetermined('There are fewer than two users.');
      let differing = 0;
      for (let read = 0; read < rereads; read += 1) {
        const again = await readUsers(context, facts.listQuery);
        if (again === undefined || again.total !== first.total)
          return undetermined('The list changed while it was read.');
        if (!isSameSequence(positions(again), positions(first))) differing += 1;
      }
      facts.isOrderStable = differing === 0;
      if (differing === 0) return asSpecified(`Yes, in ${rereads + 1} responses.`);
      // One different response can be a user that was replaced by another one.
      if (differing === 1) return undetermined('The order changed once.');
      for (const sortBy of ['id', ...context.users.uniqueKeys]) {
        const one = await readUsers(context, { ...facts.listQuery, sortBy });
        const other = await readUsers(context, { ...facts.listQuery, sortBy });
        if (one === undefined || other === undefined) continue;
        if (!isSameSequence(positions(one), positions(other))) continue;
        facts.tried.set('sort', true);
        facts.listQuery.sortBy = sortBy;
        facts.users = one;
        facts.isOrderStable = true;
        return deviates(`No. With \`sortBy=${sortBy}\`, it is.`, 'unstable-order');
      }
      return deviates('No, not even with `sortBy`.', 'unstable-order');
    },
  },
  {
    key: 'repeats',
    question: 'Is each resource in a list once?',
    reference: 'RFC 7644 §3.4.2',
    async run({ facts }) {
      const shown = facts.users === undefined ? [] : positions(facts.users);
      facts.repeatsEntries = new Set(shown).size < shown.length;
      if (shown.length === 0) return undetermined('No users are listed.');
      return facts.repeatsEntries
        ? deviates(
            `No. Entries on the first page: ${shown.length}. Different users: ${new Set(shown).size}.`,
            'repeats-in-list',
          )
        : asSpecified(`Yes. Entries on the first page: ${shown.length}.`);
    },
  },
];
