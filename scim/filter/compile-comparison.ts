import type { Json } from '../json.ts';
import type { Attribute } from '../schema/attribute.ts';
import { badRequest, type ScimError } from '../scim-error.ts';
import type { ComparisonOperator, FilterValue } from './filter.ts';

/** The operators that compare one value; `ne` is the opposite of `eq` over all of them. */
export type ValueOperator = Exclude<ComparisonOperator, 'ne'>;

/** Decides about one value of the attribute, never an absent one. */
export type ValueTest = (value: Json) => boolean;

/**
 * Compiles `attribute operator value` for values of the attribute's type (RFC 7644 §3.4.2.2, Table 3).
 *
 * @throws ScimError `invalidFilter` when the type knows no such comparison.
 */
export function compileComparison(
  attribute: Attribute,
  operator: ValueOperator,
  value: Exclude<FilterValue, null>,
): ValueTest {
  switch (attribute.type) {
    case 'complex':
      throw invalid(attribute, 'is complex: compare one of its sub-attributes');
    case 'boolean':
      return compileBoolean(attribute, operator, value);
    case 'integer':
    case 'decimal':
      return compileNumber(attribute, operator, value);
    case 'dateTime':
      return isOrdering(operator) || operator === 'eq'
        ? compileTime(attribute, operator, value)
        : compileString(attribute, operator, value);
    case 'binary':
      // RFC 7644 §3.4.2.2: binary attributes have no order.
      if (isOrdering(operator)) throw invalid(attribute, `is binary and cannot be compared with ${operator}`);
      return compileString(attribute, operator, value);
    default:
      return compileString(attribute, operator, value);
  }
}

function compileBoolean(
  attribute: Attribute,
  operator: ValueOperator,
  value: string | number | boolean,
): ValueTest {
  // RFC 7644 §3.4.2.2: "Boolean and Binary attributes SHALL cause a failed response".
  if (operator !== 'eq') throw invalid(attribute, `is a boolean and cannot be compared with ${operator}`);
  const wanted = String(value).toLowerCase();
  if (wanted !== 'true' && wanted !== 'false')
    throw invalid(attribute, 'is a boolean: compare with true or false');
  return (candidate) => candidate === (wanted === 'true');
}

function compileNumber(
  attribute: Attribute,
  operator: ValueOperator,
  value: string | number | boolean,
): ValueTest {
  if (typeof value !== 'number') throw invalid(attribute, 'is a number: compare with a number');
  if (!isOrdering(operator) && operator !== 'eq') {
    throw invalid(attribute, `is a number and cannot be compared with ${operator}`);
  }
  return (candidate) => typeof candidate === 'number' && ordered(operator, candidate - value);
}

function compileTime(
  attribute: Attribute,
  operator: ValueOperator,
  value: string | number | boolean,
): ValueTest {
  const wanted = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(wanted)) {
    throw invalid(attribute, 'is a dateTime: compare with one such as "2011-05-13T04:42:34Z"');
  }
  return (candidate) => typeof candidate === 'string' && ordered(operator, Date.parse(candidate) - wanted);
}

// A number or boolean against a string is what an unquoted value looks like, such as an employee number.
function compileString(
  attribute: Attribute,
  operator: ValueOperator,
  value: string | number | boolean,
): ValueTest {
  const fold = attribute.caseExact
    ? (candidate: Json) => String(candidate)
    : (candidate: Json) => String(candidate).toLowerCase();
  const wanted = fold(value);
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

function ordered(operator: ValueOperator, difference: number): boolean {
  switch (operator) {
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
    default:
      return difference === 0;
  }
}

function isOrdering(operator: ValueOperator): boolean {
  return operator === 'gt' || operator === 'ge' || operator === 'lt' || operator === 'le';
}

function invalid(attribute: Attribute, why: string): ScimError {
  return badRequest('invalidFilter', `The attribute "${attribute.label}" ${why}.`);
}
