import type { CreateUserInput } from '../../runtime/index.ts';

const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

/** A person as the input of an action. */
export function personInput(name: string): CreateUserInput {
  return {
    userName: `${name}@example.com`,
    externalId: name,
    name: { givenName: 'Ada', familyName: name },
    displayName: `Ada ${name}`,
    active: true,
    emails: [{ value: `${name}@example.com`, type: 'work', primary: true }],
    department: 'Engineering',
    workato_role: 'Analyst',
  };
}

/** The same person as the body of a request. */
export function personBody(name: string): Readonly<Record<string, unknown>> {
  return {
    schemas: [core, enterprise, workato],
    userName: `${name}@example.com`,
    externalId: name,
    name: { givenName: 'Ada', familyName: name },
    displayName: `Ada ${name}`,
    active: true,
    emails: [{ value: `${name}@example.com`, type: 'work', primary: true }],
    [enterprise]: { department: 'Engineering' },
    [workato]: { workato_role: 'Analyst' },
  };
}
