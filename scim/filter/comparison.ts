import { foldCase } from '../fold-case.ts';
import type { Attribute } from '../schema/attribute.ts';
import { badRequest, type ScimError } from '../scim-error.ts';
import { readTime } from '../timestamps.ts';
import type { ComparisonOperator, FilterValue } from './filter.ts';

/** The operators that compare one value; `ne` is the opposite of `eq` over all of them. */
export type ValueOperator = Exclude<ComparisonOperator, 'ne'>;

/** Decides about one value, never an absent one. */
export type ValueTest = (value: unknown) => boolean;

type Operand = Exclude<FilterValue, null>;

/**
 * Compiles `attribute operator value` as a server does, for values of the attribute's type (RFC 7644 §3.4.2.2, Table 3).
 *
 * @throws ScimError `invalidFilter` when the type knows no such comparison.
 */
export function compareByType(attribute: Attribute, operator: ValueOperator, value: Operand): ValueTest {
  switch (attribute.type) {
    case 'complex':
      throw invalid(attribute, 'is complex: compare one of its sub-attributes');
    case 'boolean':
      return compareBoolean(attribute, operator, value);
    case 'integer':
    case 'decimal':
      return compareNumber(attribute, operator, value);
    case 'dateTime':
      return isOrdering(operator) || operator === 'eq'
        ? compareTime(attribute, operator, value)
        : compareAsText(attribute, operator, value);
    case 'binary':
      // RFC 7644 §3.4.2.2: binary attributes have no order.
      if (isOrdering(operator)) throw invalid(attribute, `is binary and cannot be compared with ${operator}`);
      return compareAsText(attribute, operator, value);
    default:
      return compareAsText(attribute, operator, value);
  }
}

/**
 * Compiles `attribute operator value` for values of whatever type a provider returns, and for attributes that no schema
 * knows. Strings compare as the schema says, with or case-insensitively; times as times. A value of another type
 * than the operand is read as one of its type: both filters and providers write `true` as "True", and 42 as "42".
 */
export function compareLeniently(
  attribute: Attribute | undefined,
  operator: ValueOperator,
  wanted: FilterValue,
): ValueTest {
  // Nothing that is there equals null, and null has no order.
  if (wanted === null) return () => false;
  const test = compareSameType(attribute, operator, wanted);
  return (value) => {
    const read = readAs(wanted, value);
    return read !== undefined && test(read);
  };
}

function compareSameType(
  attribute: Attribute | undefined,
  operator: ValueOperator,
  wanted: Operand,
): (value: Operand) => boolean {
  // A boolean has no order.
  if (typeof wanted === 'boolean') return (value) => operator === 'eq' && value === wanted;
  if (typeof wanted === 'number') return (value) => isOrdered(operator, Number(value) - wanted);
  const asText = compareText(attribute?.caseExact === true, operator, wanted);
  const isTime = attribute?.type === 'dateTime' && (isOrdering(operator) || operator === 'eq');
  const wantedAtInMs = isTime ? timeOf(wanted) : Number.NaN;
  if (Number.isNaN(wantedAtInMs)) return (value) => asText(String(value));
  return (value) => {
    const atInMs = timeOf(String(value));
    return Number.isNaN(atInMs) ? asText(String(value)) : isOrdered(operator, atInMs - wantedAtInMs);
  };
}

/** A value as one of the operand's type; undefined if it cannot be read as one. */
function readAs(wanted: Operand, value: unknown): Operand | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  if (typeof value === typeof wanted) return value;
  // JSON rounds a number of this size, so it can be another one.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) return undefined;
  if (typeof wanted === 'string') return String(value);
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (typeof wanted === 'boolean') return { true: true, false: false }[value.toLowerCase()];
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A time, or the start of a day, in milliseconds since 1970; NaN for anything else. Without a zone, it is in UTC. */
function timeOf(text: string): number {
  return readTime(text) ?? readTime(`${text}T00:00:00Z`) ?? Number.NaN;
}

function compareBoolean(attribute: Attribute, operator: ValueOperator, value: Operand): ValueTest {
  // RFC 7644 §3.4.2.2: "Boolean and Binary attributes SHALL cause a failed response".
  if (operator !== 'eq') throw invalid(attribute, `is a boolean and cannot be compared with ${operator}`);
  const wanted = String(value).toLowerCase();
  if (wanted !== 'true' && wanted !== 'false')
    throw invalid(attribute, 'is a boolean: compare with true or false');
  return (candidate) => candidate === (wanted === 'true');
}

function compareNumber(attribute: Attribute, operator: ValueOperator, value: Operand): ValueTest {
  if (typeof value !== 'number') throw invalid(attribute, 'is a number: compare with a number');
  if (!isOrdering(operator) && operator !== 'eq') {
    throw invalid(attribute, `is a number and cannot be compared with ${operator}`);
  }
  return (candidate) => typeof candidate === 'number' && isOrdered(operator, candidate - value);
}

function compareTime(attribute: Attribute, operator: ValueOperator, value: Operand): ValueTest {
  const wantedAtInMs = typeof value === 'string' ? timeOf(value) : Number.NaN;
  if (Number.isNaN(wantedAtInMs)) {
    throw invalid(attribute, 'is a dateTime: compare with one such as "2011-05-13T04:42:34Z"');
  }
  return (candidate) =>
    typeof candidate === 'string' && isOrdered(operator, timeOf(candidate) - wantedAtInMs);
}

// A number or boolean against a string is what an unquoted value looks like, such as an employee number.
function compareAsText({ caseExact }: Attribute, operator: ValueOperator, value: Operand): ValueTest {
  const test = compareText(caseExact, operator, String(value));
  return (candidate) => test(String(candidate));
}

function compareText(caseExact: boolean, operator: ValueOperator, text: string): (text: string) => boolean {
  const fold = caseExact ? (one: string) => one : foldCase;
  const wanted = fold(text);
  switch (operator) {
    case 'eq':
      return (candidate) => fold(candidate) === wanted;
    case 'co':
      return (candidate) => fold(candidate).includes(wanted);
    case 'sw':
      return (candidate) => fold(candidate).startsWith(wanted);
    case 'ew':
      return (candidate) => fold(candidate).endsWith(wanted);
    case 'gt':
      return (candidate) => fold(candidate) > wanted;
    case 'ge':
      return (candidate) => fold(candidate) >= wanted;
    case 'lt':
      return (candidate) => fold(candidate) < wanted;
    case 'le':
      return (candidate) => fold(candidate) <= wanted;
  }
}

function isOrdered(operator: ValueOperator, difference: number): boolean {
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

function isOrdering(operator: ValueOperator): boolean {
  return operator === 'gt' || operator === 'ge' || operator === 'lt' || operator === 'le';
}

function invalid(attribute: Attribute, why: string): ScimError {
  return badRequest('invalidFilter', `The attribute "${attribute.label}" ${why}.`);
}
