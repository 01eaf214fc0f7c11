import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';
import { attributeNames, type ColumnMap, type ColumnRule, readColumn } from './column-map.ts';
import { fitReadyMap, type ReadyMapName, readyMaps } from './ready-maps.ts';
import type { SourceRow } from './row-reader.ts';

/** What a column may mean, with some of its values. */
export interface SuggestedColumn {
  readonly name: string;
  /** Null: nothing fits, so that the column is ignored. */
  readonly rule: string | ColumnRule | null;
  /** Whether the name is not exactly one that is known, so that a person should look. */
  readonly isGuess: boolean;
  readonly samples: readonly string[];
}

/** A suggestion for a map. */
export interface SuggestedMap {
  /** The ready map that fits best; undefined if none fits well. */
  readonly ready: ReadyMapName | undefined;
  readonly columns: readonly SuggestedColumn[];
  readonly map: ColumnMap;
}

const mostSamples = 3;
/** A ready map fits if this share of the columns are its own. */
const fittingShare = 0.6;

/** What people call attributes. Blanks, case, and punctuation make no difference. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  userName: ['login', 'user', 'UPN', 'account', 'Benutzername'],
  emails: ['email', 'email address', 'mail', 'work email'],
  'name.givenName': ['first name', 'given name', 'forename', 'Vorname'],
  'name.familyName': ['last name', 'family name', 'surname', 'Nachname'],
  displayName: ['name', 'full name'],
  title: ['job title', 'position'],
  department: ['Abteilung'],
  groups: ['group', 'team', 'teams'],
  employeeNumber: ['employee ID', 'personnel number', 'staff ID'],
  active: ['status', 'enabled'],
  manager: ['manager name', 'manager email', 'supervisor'],
  'phoneNumbers[type eq "work"].value': ['phone', 'work phone'],
  'phoneNumbers[type eq "mobile"].value': ['mobile', 'mobile phone'],
  preferredLanguage: ['language'],
};

const attributeOfAlias: ReadonlyMap<string, string> = new Map(
  Object.entries(aliases).flatMap(([attribute, names]) => names.map((name) => [folded(name), attribute])),
);

function folded(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** Suggests what the columns of a sheet mean. @param names - the columns; default: those of the rows */
export function suggestMap(
  definition: ResourceDefinition,
  rows: readonly SourceRow[],
  names: readonly string[] = [...new Set(rows.flatMap((row) => Object.keys(row)))],
): SuggestedMap {
  const ready = bestReadyMap(names);
  const fitted = ready === undefined ? undefined : fitReadyMap(readyMaps[ready], names);
  const taken = new Set<string>();
  const columns = names.map((name): SuggestedColumn => {
    const samples = samplesOf(rows, name);
    if (fitted !== undefined) return { name, rule: fitted[name] ?? null, isGuess: false, samples };
    const { rule, isGuess } = suggestColumn(definition, name);
    // Two columns for one attribute: the first one is as likely as the other.
    const attribute = typeof rule === 'string' ? rule : '';
    if (attribute !== '' && taken.has(attribute)) return { name, rule: null, isGuess: true, samples };
    taken.add(attribute);
    return { name, rule, isGuess, samples };
  });
  // Without a username, the email address is the best one.
  const withUserName = columns.some(({ rule }) => attributeOf(rule) === 'userName')
    ? columns
    : columns.map((column) =>
        column.rule === 'emails' ? { ...column, rule: 'userName', isGuess: true } : column,
      );
  return {
    ready,
    columns: withUserName,
    map: Object.fromEntries(withUserName.map(({ name, rule }) => [name, rule])),
  };
}

function suggestColumn(
  definition: ResourceDefinition,
  name: string,
): { readonly rule: string | null; readonly isGuess: boolean } {
  if (typeof readColumn(definition, name, name) !== 'string') return { rule: name, isGuess: false };
  const known = attributeNames(definition);
  const exact = known.find((one) => folded(one) === folded(name));
  const alias = exact ?? attributeOfAlias.get(folded(name));
  if (alias !== undefined && typeof readColumn(definition, name, alias) !== 'string')
    return { rule: alias, isGuess: exact === undefined };
  // Short words are close to many others: only one that begins alike is worth a suggestion.
  const similar = /"(.*)"/.exec(
    didYouMean(
      name,
      known.filter((one) => beginsLike(one, name)),
    ),
  )?.[1];
  const isUsable = similar !== undefined && typeof readColumn(definition, name, similar) !== 'string';
  return { rule: isUsable ? similar : null, isGuess: true };
}

function beginsLike(attribute: string, name: string): boolean {
  return folded(attribute).startsWith(folded(name).slice(0, 2));
}

/** The ready map that most of these columns belong to; undefined if none has them. */
export function bestReadyMap(names: readonly string[]): ReadyMapName | undefined {
  const shares = (Object.keys(readyMaps) as ReadyMapName[]).map((ready) => {
    const fitted = Object.values(fitReadyMap(readyMaps[ready], names)).filter((rule) => rule !== null);
    return { ready, share: fitted.length / names.length, hasName: fitted.includes('userName') };
  });
  const best = shares.filter(({ hasName }) => hasName).toSorted((one, other) => other.share - one.share)[0];
  return best !== undefined && best.share >= fittingShare ? best.ready : undefined;
}

function attributeOf(rule: string | ColumnRule | null): string | undefined {
  return typeof rule === 'string' ? rule : rule?.attribute;
}

function samplesOf(rows: readonly SourceRow[], name: string): readonly string[] {
  const samples = new Set<string>();
  for (const row of rows) {
    const value = row[name];
    const text = typeof value === 'string' ? value.trim() : value === undefined ? '' : JSON.stringify(value);
    if (text !== '') samples.add(text);
    if (samples.size === mostSamples) break;
  }
  return [...samples];
}
