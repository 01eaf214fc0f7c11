import { isRecord } from '../../schemas/is-record.ts';
import { extensionsWith, findAttribute } from '../path.ts';
import type { ResourceModel } from '../schema/resource-model.ts';
import type { AttributePath, ComparisonOperator, Filter, FilterValue } from './filter.ts';

/** Tells whether a resource fits a filter. */
export type FilterMatcher = (resource: Readonly<Record<string, unknown>>) => boolean;

/**
 * Makes a filter into a test of resources that are here (RFC 7644 §3.4.2.2): texts compare as the schema says, with or
 * without regard to case, times as times, and a multi-valued attribute fits when one of its values does.
 */
export function createFilterMatcher(filter: Filter, model: ResourceModel): FilterMatcher {
  const whole = qualify(filter, model);
  return (resource) => matches(whole, resource, { model, above: '' });
}

/** The same with the schema of an attribute that an extension alone has, such as `department`, which people leave out. */
function qualify(filter: Filter, model: ResourceModel): Filter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, filters: filter.filters.map((one) => qualify(one, model)) };
    case 'not':
      return { ...filter, filter: qualify(filter.filter, model) };
    case 'present':
    case 'compare': {
      const { schema, attribute } = filter.path;
      if (schema !== undefined || model.attributes.get(attribute) !== undefined) return filter;
      const [extension] = extensionsWith(model, attribute);
      return extension === undefined ? filter : { ...filter, path: { ...filter.path, schema: extension.id } };
    }
  }
}

interface Scope {
  readonly model: ResourceModel;
  /** The path of the attribute whose items are looked at, inside brackets; else empty. */
  readonly above: string;
}

function matches(filter: Filter, value: Readonly<Record<string, unknown>>, scope: Scope): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((one) => matches(one, value, scope));
    case 'or':
      return filter.filters.some((one) => matches(one, value, scope));
    case 'not':
      return !matches(filter.filter, value, scope);
    case 'present':
      return valuesOf(filter.path, value, scope).length > 0;
    case 'compare': {
      const { path, operator, value: wanted } = filter;
      const compared = valuesOf(path, value, scope).map((one) =>
        isRecord(one) && !isRecord(wanted) ? one.value : one,
      );
      // What is absent equals null (RFC 7643 §2.5), and differs from everything else.
      if (compared.length === 0) return operator === (wanted === null ? 'eq' : 'ne');
      const traits = traitsOf(path, scope);
      if (operator === 'ne') return !compared.some((one) => compare(one, 'eq', wanted, traits));
      return compared.some((one) => compare(one, operator, wanted, traits));
    }
  }
}

/** The values at a path that say something; the items of a list one by one, those in brackets picked. */
function valuesOf(
  path: AttributePath,
  value: Readonly<Record<string, unknown>>,
  scope: Scope,
): readonly unknown[] {
  const { schema, attribute, filter, subAttribute } = path;
  const isOwn = schema === undefined || scope.model.isCore(schema);
  const holder = isOwn ? value : property(value, schema);
  const found = isRecord(holder) ? property(holder, attribute) : undefined;
  const inner = { ...scope, above: nameOf(path, scope) };
  const items = (Array.isArray(found) ? found : [found]).filter(
    (item) => filter === undefined || (isRecord(item) && matches(filter, item, inner)),
  );
  const values =
    subAttribute === undefined
      ? items
      : items.map((item) => (isRecord(item) ? property(item, subAttribute) : undefined));
  return values.flat().filter((one) => one !== undefined && one !== null && one !== '');
}

// Names compare without regard to case (RFC 7643 §2.1).
function property(holder: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(holder, name)) return holder[name];
  const wanted = name.toLowerCase();
  const key = Object.keys(holder).find((one) => one.toLowerCase() === wanted);
  return key === undefined ? undefined : holder[key];
}

interface Traits {
  readonly isTime: boolean;
  readonly caseExact: boolean;
}

function traitsOf(path: AttributePath, scope: Scope): Traits {
  const name = `${nameOf(path, scope)}${path.subAttribute === undefined ? '' : `.${path.subAttribute}`}`;
  const found = findAttribute(scope.model, name);
  // A multi-valued attribute that is compared as a whole is compared by its `value`.
  const sub = found?.subAttributes.get('value');
  const attribute = found?.type === 'complex' && sub !== undefined ? sub : found;
  return { isTime: attribute?.type === 'dateTime', caseExact: attribute?.caseExact === true };
}

function nameOf({ schema, attribute }: AttributePath, { model, above }: Scope): string {
  if (above !== '') return `${above}.${attribute}`;
  return schema === undefined || model.isCore(schema) ? attribute : `${schema}:${attribute}`;
}

function compare(one: unknown, operator: ComparisonOperator, wanted: FilterValue, traits: Traits): boolean {
  if (typeof one === 'string' && typeof wanted === 'string')
    return compareTexts(one, operator, wanted, traits);
  if (typeof one === 'number' && typeof wanted === 'number') return ordered(one - wanted, operator);
  // A boolean has no order, and what is of another type than the value differs from it.
  return operator === 'eq' && one === wanted;
}

function compareTexts(one: string, operator: ComparisonOperator, wanted: string, traits: Traits): boolean {
  const times = traits.isTime ? [Date.parse(one), Date.parse(wanted)] : [];
  const [left = Number.NaN, right = Number.NaN] = times;
  if (!Number.isNaN(left) && !Number.isNaN(right)) return ordered(left - right, operator);
  const [text, other] = traits.caseExact ? [one, wanted] : [one.toLowerCase(), wanted.toLowerCase()];
  switch (operator) {
    case 'co':
      return text.includes(other);
    case 'sw':
      return text.startsWith(other);
    case 'ew':
      return text.endsWith(other);
    default:
      return ordered(text < other ? -1 : text > other ? 1 : 0, operator);
  }
}

function ordered(difference: number, operator: ComparisonOperator): boolean {
  switch (operator) {
    case 'eq':
      return difference === 0;
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
    default:
      return false;
  }
}
