import type { AttributePath, Filter, FilterValue } from './filter.ts';

/** Formats a filter so that {@link parseFilter} reads the same tree again; strings are escaped as JSON. */
export function formatFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'compare':
      return `${formatPath(filter.path)} ${filter.operator} ${formatValue(filter.value)}`;
    case 'present':
      // RFC 7644 Figure 1 has no `pr` after brackets: `emails[type eq "work"]` asks by itself.
      return asksByItself(filter.path) ? formatPath(filter.path) : `${formatPath(filter.path)} pr`;
    case 'not':
      return `not (${formatFilter(filter.filter)})`;
    case 'and':
    case 'or':
      return filter.filters.map(formatOperand).join(` ${filter.kind} `);
  }
}

/** Formats an attribute path: `emails[type eq "work"].value`. */
export function formatPath({ schema, attribute, filter, subAttribute }: AttributePath): string {
  const name = schema === undefined ? attribute : `${schema}:${attribute}`;
  const picked = filter === undefined ? '' : `[${formatFilter(filter)}]`;
  return `${name}${picked}${subAttribute === undefined ? '' : `.${subAttribute}`}`;
}

/** Formats a value for a filter. Control characters that JSON does not escape stay unchanged. */
export function formatValue(value: FilterValue): string {
  return JSON.stringify(value);
}

const asksByItself = (path: AttributePath): boolean =>
  path.filter !== undefined && path.subAttribute === undefined;

// A nested `and` inside `and` keeps its parentheses, so that parsing returns the same tree.
function formatOperand(filter: Filter): string {
  return filter.kind === 'and' || filter.kind === 'or' ? `(${formatFilter(filter)})` : formatFilter(filter);
}
