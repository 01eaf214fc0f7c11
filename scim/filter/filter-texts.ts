/** Why a filter or path cannot be parsed. The Workato connector says the same, from this data. */
export const filterTexts = Object.freeze({
  expected: 'expected {expected}, but found {found} at position {position}',
  tooDeep: 'more than {levels} levels of nesting at position {position}',
  attributeName: 'an attribute name',
  subAttributeName: 'a sub-attribute name',
  end: 'the end',
  parenthesisAfterNot: '"(" after not',
  parenthesis: '")"',
  bracket: '"]"',
  operator: 'an operator (eq, ne, co, sw, ew, gt, ge, lt, le, or pr)',
  value: 'a value: a string in double quotes, a number, true, false, or null',
  string: 'a string with a closing quote and JSON escapes',
} as const);
