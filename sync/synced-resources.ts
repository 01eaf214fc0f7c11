import type { ConnectorDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';

/** The resource types that a plan is about, recognized by their attributes. */
export interface SyncedResources {
  readonly users: ResourceDefinition;
  /** Undefined if the manifest declares no groups. */
  readonly groups: ResourceDefinition | undefined;
}

/** Finds the resource types that a plan is about. @throws ConnectorError `unsupported` without users */
export function syncedResources({ resources }: ConnectorDefinition): SyncedResources {
  const having = (name: string): ResourceDefinition | undefined =>
    Object.values(resources).find(({ attributes }) =>
      attributes.some((attribute) => attribute.name === name),
    );
  const users = having('userName');
  if (users === undefined) throw new ConnectorError('unsupported', errorTexts.noUserType);
  return { users, groups: having('members') };
}
