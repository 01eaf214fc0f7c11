import { attributePathOf, qualifyFilter } from '../connector/definition/attribute-path.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { type InputProblem, invalidInput } from '../connector/errors.ts';
import { readFilter } from '../connector/read-filter.ts';
import type { Resource } from '../connector/resource.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';
import { fill } from '../schemas/fill.ts';
import { createFilterMatcher } from '../scim/filter/match-filter.ts';
import { foldCase } from '../scim/fold-case.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { isSameValue, valueAt } from './compare-user.ts';
import type { DesiredUser } from './desired.ts';
import type { Ownership } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';

/** Decides which users a desired state owns. */
export interface Owner {
  /** Whether a user is owned. Undefined: the desired state declares no ownership. */
  readonly owns: ((user: Resource) => boolean) | undefined;
  /** The desired user with what makes it owned, or why it can never be. */
  claim(user: DesiredUser): DesiredUser | string;
}

/** Reads an ownership. @param memberIds the members of its group @throws ConnectorError `invalid_input` */
export function readOwnership(
  definition: ResourceDefinition,
  ownership: Ownership | undefined,
  memberIds: ReadonlySet<string> = new Set(),
): Owner {
  if (ownership === undefined) return { owns: undefined, claim: (user) => user };
  if ('externalIdPrefix' in ownership) return byPrefix(ownership.externalIdPrefix);
  if ('group' in ownership) return byGroup(ownership.group, memberIds);
  if ('filter' in ownership) return byFilter(definition, ownership.filter);
  return byMarker(definition, ownership.attribute, ownership.value);
}

function byPrefix(prefix: string): Owner {
  if (prefix === '') throw invalid([{ path: 'ownedBy.externalIdPrefix', message: planTexts.emptyPrefix }]);
  return {
    owns: ({ externalId }) => typeof externalId === 'string' && externalId.startsWith(prefix),
    claim(user) {
      const given = user.attributes.externalId;
      if (typeof given === 'string' && given.startsWith(prefix)) return user;
      return typeof given === 'string' && given !== ''
        ? fill(planTexts.otherExternalId, { externalId: given, prefix })
        : fill(planTexts.noExternalId, { prefix });
    },
  };
}

function byGroup(name: string, memberIds: ReadonlySet<string>): Owner {
  return {
    owns: ({ id }) => memberIds.has(id),
    claim: (user) => {
      const groups = user.groups ?? [];
      return groups.some((one) => foldCase(one) === foldCase(name))
        ? user
        : { ...user, groups: [...groups, name] };
    },
  };
}

function byFilter(definition: ResourceDefinition, text: string): Owner {
  const { filter, unknown } = qualifyFilter(definition, readFilter(text, 'userType eq "Contractor"'));
  const [first] = unknown;
  if (first !== undefined)
    throw invalid([
      { path: 'ownedBy.filter', message: fill(planTexts.unknownAttribute, { name: first, suggestion: '' }) },
    ]);
  return { owns: createFilterMatcher(filter, modelOf(definition)), claim: (user) => user };
}

function byMarker(definition: ResourceDefinition, name: string, value: unknown): Owner {
  const path = attributePathOf(definition, name);
  if (path === undefined) {
    const known = definition.fields.map(({ key }) => key);
    throw invalid([
      {
        path: 'ownedBy.attribute',
        message: fill(planTexts.unknownAttribute, { name, suggestion: didYouMean(name, known) }),
      },
    ]);
  }
  const model = modelOf(definition);
  return {
    owns: (user) => isSameValue(model, path, valueAt(user, model, path), value),
    claim(user) {
      const { [path]: _, ...others } = user.attributes;
      return { ...user, attributes: { ...others, [path]: value } };
    },
  };
}

/** The forms of an ownership as text, for messages. */
export const { ownershipForms } = planTexts;

/** Parses an ownership from text, such as `externalId:hr-`. @returns undefined if it has none of the forms */
export function parseOwnership(text: string): Ownership | undefined {
  const [, kind, rest = ''] = /^(externalId|group|filter):(.+)$/s.exec(text) ?? [];
  if (kind === 'externalId') return { externalIdPrefix: rest };
  if (kind === 'group') return { group: rest };
  if (kind === 'filter') return { filter: rest };
  const [attribute = '', value = ''] = text.split(/=(.*)/s);
  if (attribute === '' || value === '') return undefined;
  return { attribute, value: value === 'true' ? true : value === 'false' ? false : value };
}

/** The form of an ownership as text that {@link parseOwnership} reads. */
export function ownershipText(ownership: Ownership): string {
  if ('externalIdPrefix' in ownership) return `externalId:${ownership.externalIdPrefix}`;
  if ('group' in ownership) return `group:${ownership.group}`;
  if ('filter' in ownership) return `filter:${ownership.filter}`;
  return `${ownership.attribute}=${ownership.value}`;
}

function invalid(problems: readonly InputProblem[]): Error {
  return invalidInput(problems);
}
