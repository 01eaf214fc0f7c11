import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import { isNothing } from '../scim/canonical.ts';
import type { Json } from '../scim/json.ts';
import { readValue } from '../scim/resource/read-value.ts';
import type { Attribute } from '../scim/schema/attribute.ts';
import { ScimError } from '../scim/scim-error.ts';
import type { Column, ColumnTarget } from './column-map.ts';
import { type DesiredUser, isNameless } from './desired.ts';
import { planTexts } from './plan-texts.ts';
import { cleanText, mappedValue, type ReadCell, readCell, splitCell } from './read-cell.ts';

/** A row of a source: the texts of a sheet by their columns, or the attributes of a user. */
export type SourceRow = Readonly<Record<string, unknown>>;

/** A column of a source, with what its texts mean: a large sheet has few departments, each of them thousands of times. */
export interface SourceColumn {
  readonly column: Column;
  /** The values that its first texts mean. */
  readonly known: Map<string, unknown>;
}

/** Of a column with more different texts, most rows have one of their own. */
const mostKnown = 1000;

/** The attributes of a row. V8 makes objects of a class as large as the first ones became, and `{}` for four. */
class Attributes {
  [path: string]: unknown;
}

/** Reads one row of a source. */
export class RowReader {
  readonly problems: string[] = [];
  isBlank = true;
  readonly #row: number;
  readonly #columns: ReadonlyMap<string, SourceColumn>;
  readonly #attributes = new Attributes();
  /** What is no attribute. Most sheets have nothing of it. */
  #others: Omit<DesiredUser, 'row' | 'attributes'> | undefined;

  constructor(row: number, columns: ReadonlyMap<string, SourceColumn>) {
    this.#row = row;
    this.#columns = columns;
  }

  /** Reads the row. If there are problems, the user has as much as could be read. */
  read(row: SourceRow): DesiredUser {
    for (const name in row) {
      const value = row[name];
      const column = this.#columns.get(name);
      if (column !== undefined) this.#readCell(column, value);
      // An extension, or a name, in SCIM's own format.
      else if (isRecord(value))
        for (const [part, inner] of Object.entries(value)) {
          const ofPart = this.#columns.get(`${name}:${part}`) ?? this.#columns.get(`${name}.${part}`);
          if (ofPart !== undefined) this.#readCell(ofPart, inner);
        }
    }
    const user = { row: this.#row, attributes: this.#attributes, ...this.#others };
    if (!this.isBlank && this.problems.length === 0 && isNameless(user))
      this.problems.push(planTexts.namelessRow);
    return user;
  }

  #readCell({ column, known }: SourceColumn, given: unknown): void {
    const { target } = column;
    if (target.kind === 'ignored') return;
    const meant = typeof given === 'string' ? known.get(given) : undefined;
    if (target.kind === 'attribute' && meant !== undefined) {
      this.isBlank = false;
      this.#attributes[target.path] = meant;
      return;
    }
    const value = typeof given === 'string' ? cleanText(given) : given;
    if (!isNothing(value)) this.isBlank = false;
    if (value === '' && column.whenEmpty === 'keep') return;
    const mapped = typeof value === 'string' && value !== '' ? mappedValue(column, value) : value;
    if (mapped === undefined) return;
    if (target.kind !== 'attribute') {
      this.#set({ column, known }, target, mapped);
      return;
    }
    const read = this.#readAttribute(column.name, target, mapped);
    if (read === undefined) return;
    this.#attributes[target.path] = read;
    if (typeof given === 'string' && value !== '' && known.size < mostKnown) known.set(given, read);
  }

  #set(
    { column, known }: SourceColumn,
    target: Exclude<ColumnTarget, { kind: 'attribute' }>,
    value: unknown,
  ): void {
    switch (target.kind) {
      case 'id':
        if (!isNothing(value)) this.#add({ id: String(value) });
        return;
      case 'groups':
        this.#add({ groups: namesOf(value, column.separator).map((name) => shared(known, name)) });
        return;
      case 'manager':
        this.#add({ manager: isNothing(value) ? null : String(isRecord(value) ? value.value : value) });
        return;
      case 'item':
        this.#setItems(column, target, value);
        return;
      default:
    }
  }

  #add(others: Omit<DesiredUser, 'row' | 'attributes'>): void {
    this.#others = { ...this.#others, ...others };
  }

  /** @returns undefined if the value cannot be read, which is then one of the problems */
  #readAttribute(
    column: string,
    { definition }: Extract<ColumnTarget, { kind: 'attribute' }>,
    value: unknown,
  ): unknown {
    if (isNothing(value)) return null;
    const read = typeof value === 'string' ? readCell(definition, value) : readTyped(definition, value);
    if (!('problem' in read)) return read.value ?? null;
    this.problems.push(fill(planTexts.columnProblem, { column, message: read.problem }));
    return undefined;
  }

  #setItems(column: Column, target: Extract<ColumnTarget, { kind: 'item' }>, value: unknown): void {
    const { path, name, rest, definition } = target;
    if (isNothing(value)) {
      this.#attributes[path] = null;
      return;
    }
    // A list in SCIM's own format is the whole list.
    if (Array.isArray(value) && value.every(isRecord)) {
      this.#attributes[path] = value;
      return;
    }
    const texts = Array.isArray(value) ? value.map(String) : splitCell(String(value), column.separator);
    for (const [index, text] of texts.entries()) {
      const read = readCell(definition, cleanText(text));
      if ('problem' in read) {
        this.problems.push(fill(planTexts.columnProblem, { column: column.name, message: read.problem }));
        continue;
      }
      const item = { ...rest, [name]: read.value, ...(index > 0 && 'primary' in rest && { primary: false }) };
      this.#add({ items: [...(this.#others?.items ?? []), { path, item }] });
    }
  }
}

/** One text for equal names of groups: each name is in the rows of many users. */
function shared(known: Map<string, unknown>, name: string): string {
  const found = known.get(name);
  if (typeof found === 'string') return found;
  if (known.size < mostKnown) known.set(name, name);
  return name;
}

function namesOf(value: unknown, separator: string): readonly string[] {
  const list = Array.isArray(value) ? value : isNothing(value) ? [] : splitCell(String(value), separator);
  const names = list.map((item) => cleanText(String(isRecord(item) ? (item.display ?? item.value) : item)));
  return [...new Set(names.filter((name) => name !== ''))];
}

/** Reads a value that has a type already, as SCIM types it. */
function readTyped(definition: Attribute, value: unknown): ReadCell {
  try {
    return { value: readValue(definition, value as Json, { looseLists: true }) };
  } catch (error) {
    if (error instanceof ScimError) return { problem: error.message };
    throw error;
  }
}
