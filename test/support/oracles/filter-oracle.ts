import fc from 'fast-check';
import type { ComparisonOperator, Filter, FilterValue } from '../../../scim/filter/filter.ts';

// A second, slow reading of RFC 7644 §3.4.2.2, which shares nothing with what it is held against but the syntax tree.

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** Someone whom filters are tried on. */
export interface Person {
  readonly userName: string;
  readonly externalId?: string;
  readonly title?: string;
  readonly active: boolean;
  readonly name?: { readonly familyName?: string; readonly givenName?: string };
  readonly [enterprise]?: { readonly department?: string };
  readonly emails?: readonly { readonly value: string; readonly type?: string; readonly primary?: boolean }[];
}

const caseExact = new Set(['externalId']);
const booleans = new Set(['active', 'emails.primary', 'primary']);

type Scalar = string | boolean;

function valuesOf(
  subject: object,
  attribute: string,
  sub: string | undefined,
  keep: (item: object) => boolean,
): Scalar[] {
  const value: unknown = Reflect.get(subject, attribute);
  const single = sub === undefined || value === undefined ? value : Reflect.get(Object(value), sub);
  const items = Array.isArray(value) ? value.filter(keep).map((item) => item[sub ?? 'value']) : [single];
  return items.filter((item) => item !== undefined && item !== '');
}

function compares(name: string, operator: ComparisonOperator, left: Scalar, right: FilterValue): boolean {
  if (typeof left === 'boolean') return operator === 'eq' && left === right;
  const fold = (text: unknown) => (caseExact.has(name) ? String(text) : String(text).toLowerCase());
  const [one, two] = [fold(left), fold(right)];
  switch (operator) {
    case 'eq':
      return one === two;
    case 'co':
      return one.split(two).length > 1 || two === '';
    case 'sw':
      return one.slice(0, two.length) === two;
    case 'ew':
      return two === '' || one.slice(-two.length) === two;
    case 'gt':
      return one > two;
    case 'ge':
      return !(one < two);
    case 'lt':
      return one < two;
    case 'le':
      return !(one > two);
    default:
      return false;
  }
}

/** Whether someone fits a filter. */
export function oracle(filter: Filter, subject: object): boolean {
  switch (filter.kind) {
    case 'and':
      return !filter.filters.some((part) => !oracle(part, subject));
    case 'or':
      return filter.filters.filter((part) => oracle(part, subject)).length > 0;
    case 'not':
      return oracle(filter.filter, subject) === false;
    default: {
      const { schema, attribute, subAttribute, filter: inner } = filter.path;
      const holder: unknown = schema === undefined ? subject : Reflect.get(subject, schema);
      const name = subAttribute === undefined ? attribute : `${attribute}.${subAttribute}`;
      const values = valuesOf(
        Object(holder),
        attribute,
        subAttribute,
        (item) => inner === undefined || oracle(inner, item),
      );
      if (filter.kind === 'present') return values.length > 0;
      if (filter.value === null) return (values.length === 0) === (filter.operator === 'eq');
      const any = (operator: ComparisonOperator) =>
        values.some((value) => compares(name, operator, value, filter.value));
      return filter.operator === 'ne' ? !any('eq') : any(filter.operator);
    }
  }
}

const words = ['a', 'A', 'b', 'ab', 'aB', 'abc', 'work', 'home', 'zz'] as const;
/** User names, no two of which differ in case only. */
export const userNames = ['b', 'ab', 'A', 'zz', 'work', 'abc'] as const;
const word = fc.constantFrom(...words);
const path = (attribute: string, subAttribute?: string, filter?: Filter) => ({
  ...(attribute === 'department' && { schema: enterprise }),
  attribute,
  ...(subAttribute !== undefined && { subAttribute }),
  ...(filter !== undefined && { filter }),
});

function leaf(attributes: readonly (readonly [string, string?])[]): fc.Arbitrary<Filter> {
  return fc.constantFrom(...attributes).chain(([attribute, sub]): fc.Arbitrary<Filter> => {
    const isBoolean = booleans.has(sub === undefined ? attribute : `${attribute}.${sub}`);
    const operators: ComparisonOperator[] = isBoolean
      ? ['eq', 'ne']
      : ['eq', 'eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];
    const value: fc.Arbitrary<FilterValue> = isBoolean ? fc.boolean() : word;
    return fc.oneof(
      fc.record({
        kind: fc.constant('compare' as const),
        path: fc.constant(path(attribute, sub)),
        operator: fc.constantFrom(...operators),
        value,
      }),
      fc.record({ kind: fc.constant('present' as const), path: fc.constant(path(attribute, sub)) }),
      fc.record({
        kind: fc.constant('compare' as const),
        path: fc.constant(path(attribute, sub)),
        operator: fc.constantFrom('eq' as const, 'ne' as const),
        value: fc.constant(null),
      }),
    );
  });
}

function tree(leaves: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'filter' },
      leaves,
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), filter: tie('filter') }),
    ),
  })).filter;
}

const itemFilter = tree(leaf([['value'], ['type'], ['primary']]));
/** Filters over what a {@link Person} has. */
export const anyFilter = tree(
  fc.oneof(
    {
      arbitrary: leaf([
        ['userName'],
        ['externalId'],
        ['title'],
        ['active'],
        ['emails'],
        ['emails', 'value'],
        ['emails', 'type'],
        ['emails', 'primary'],
        ['nickName'],
        ['name', 'familyName'],
        ['name', 'givenName'],
        ['department'],
      ]),
      weight: 3,
    },
    {
      arbitrary: itemFilter.map(
        (filter): Filter => ({ kind: 'present', path: path('emails', undefined, filter) }),
      ),
      weight: 1,
    },
    {
      arbitrary: fc.tuple(itemFilter, fc.constantFrom('eq' as const, 'ne' as const, 'co' as const), word).map(
        ([filter, operator, value]): Filter => ({
          kind: 'compare',
          path: path('emails', 'value', filter),
          operator,
          value,
        }),
      ),
      weight: 1,
    },
  ),
);

const email = fc.record({ value: word, type: fc.constantFrom('work', 'home') }, { requiredKeys: ['value'] });
/** A {@link Person}, but for the user name. */
export const person: fc.Arbitrary<Omit<Person, 'userName'>> = fc.record(
  {
    externalId: word,
    title: word,
    active: fc.boolean(),
    name: fc.record({ familyName: word, givenName: word }, { requiredKeys: ['familyName'] }),
    [enterprise]: fc.record({ department: word }),
    emails: fc.uniqueArray(email, {
      minLength: 1,
      maxLength: 3,
      selector: ({ value, type }) => `${value.toLowerCase()} ${type}`,
    }),
  },
  { requiredKeys: ['active'] },
);
