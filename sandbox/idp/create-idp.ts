import { createSigningKey, type SigningKey } from '../saml/create-signing-key.ts';
import { signSaml } from '../saml/lazy-saml.ts';
import { SamlError } from '../saml/saml-error.ts';
import type { SamlAssertion } from '../saml/sign-saml-response.ts';
import {
  type GroupEntry,
  IdpError,
  type PersonAttributes,
  type PersonEntry,
  type Roles,
  roleNames,
  showGroup,
  showPerson,
} from './directory.ts';
import { procedureFor, proceduresFor } from './due-procedures.ts';
import type { Procedure } from './flavor.ts';
import { flavors } from './flavors.ts';
import type { Idp, IdpOptions, IdpResult } from './idp.ts';
import { loginAttributes, postLogin } from './post-login.ts';
import { type Exchange, type ProcedureOutcome, runProcedure, type Target } from './run-procedure.ts';
import { groupValues, membersToBe, personValues } from './template-values.ts';

/**
 * Creates an identity provider that provisions exactly as the real one of its flavor does.
 *
 * @example
 * ```ts
 * await using sandbox = await startSandbox();
 * const idp = createIdp({ flavor: 'okta', target: { scimBaseUrl: sandbox.scimBaseUrl, token: sandbox.token } });
 * idp.addPerson({ userName: 'ada@example.com', givenName: 'Ada', familyName: 'Lovelace' });
 * const { ok, error } = await idp.assign('ada@example.com', { workato_role: 'Admin' });
 * ```
 */
export function createIdp(options: IdpOptions): Idp {
  const flavor = flavors[options.flavor];
  const entityId = options.entityId ?? `urn:rolecall:sandbox:idp:${flavor.name}`;
  const rolesBy = options.rolesBy ?? 'both';
  const timeoutInMs = options.timeoutInMs ?? flavor.timeoutInMs;
  const now = options.now ?? (() => new Date());
  const people = new Map<string, PersonEntry>();
  const groups = new Map<string, GroupEntry>();
  let { signingKey, login: loginTarget } = options;
  let isEnabled = options.isProvisioning ?? true;
  let target: Partial<Target> = options.target === undefined ? {} : checkTarget(options.target);
  let last: Promise<unknown> = Promise.resolve();

  // Changes are processed one by one: two concurrent ones could both create a resource that neither has found.
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  function keyOf(): SigningKey {
    signingKey ??= createSigningKey(`${flavor.title} of the sandbox`, now());
    return signingKey;
  }

  function personOf(userName: string): PersonEntry {
    const found = findPerson(userName);
    if (found === undefined) {
      throw new IdpError(
        'not_found',
        `${JSON.stringify(userName)} is not in the directory. Add the person first.`,
      );
    }
    return found;
  }

  function findPerson(userName: string): PersonEntry | undefined {
    const wanted = userName.toLowerCase();
    return [...people.values()].find(
      ({ attributes, isDeleted }) => !isDeleted && attributes.userName.toLowerCase() === wanted,
    );
  }

  function findGroup(displayName: string): GroupEntry | undefined {
    const wanted = displayName.toLowerCase();
    return [...groups.values()].find(
      (group) => !group.isDeleted && group.displayName.toLowerCase() === wanted,
    );
  }

  function groupOf(displayName: string): GroupEntry {
    const found = findGroup(displayName);
    if (found === undefined) {
      throw new IdpError('not_found', `${JSON.stringify(displayName)} is not a group here. Push it first.`);
    }
    return found;
  }

  /** The reason why nothing can be pushed. */
  function obstacle(): string | undefined {
    if (!isEnabled) {
      return `Provisioning is off in ${flavor.title}: nothing was pushed. Turn it on, and run a cycle.`;
    }
    if (target.scimBaseUrl === undefined || target.token === undefined) {
      return `${flavor.title} has no SCIM base URL and token. Put them into the provisioning settings.`;
    }
    return undefined;
  }

  async function push(
    name: Procedure,
    id: string | undefined,
    valuesOf: Parameters<typeof runProcedure>[1]['valuesOf'],
  ): Promise<ProcedureOutcome> {
    const error = obstacle();
    const { scimBaseUrl, token } = target;
    if (error !== undefined || scimBaseUrl === undefined || token === undefined) {
      return { exchanges: [], id, error: error ?? '' };
    }
    return runProcedure(name, { flavor, target: { scimBaseUrl, token }, timeoutInMs, id, valuesOf });
  }

  async function syncPerson(person: PersonEntry): Promise<IdpResult> {
    const name = procedureFor(person, flavor);
    if (name === undefined) {
      person.isPending = false;
      person.error = undefined;
      if (person.isDeleted) forget(person, []);
      return { ok: true, exchanges: [] };
    }
    person.isPending = true;
    const outcome = await push(name, person.scimId, (current) =>
      personValues(person, rolesBy !== 'saml', flavor, current),
    );
    person.scimId = outcome.id;
    person.error = outcome.error;
    if (outcome.error !== undefined) {
      // A create whose response was lost may have succeeded: look the user up before the next unassignment.
      if (outcome.exchanges.length > 0 && person.atService === 'nothing') person.atService = 'unsure';
      return { ok: false, error: outcome.error, exchanges: outcome.exchanges };
    }
    person.isPending = false;
    person.atService = outcome.id === undefined ? 'nothing' : person.isAssigned ? 'active' : 'inactive';
    if (person.isDeleted) forget(person, outcome.exchanges);
    return { ok: true, exchanges: outcome.exchanges };
  }

  function forget(person: PersonEntry, exchanges: readonly Exchange[]): void {
    people.delete(person.id);
    // A service that deletes a user removes the user from its groups by itself.
    if (!exchanges.some(({ method }) => method === 'DELETE') || person.scimId === undefined) return;
    for (const group of groups.values()) group.membersAtService.delete(person.scimId);
  }

  async function syncGroup(group: GroupEntry): Promise<IdpResult> {
    const steps = proceduresFor(group, people);
    const exchanges: Exchange[] = [];
    group.isPending = true;
    for (const name of steps) {
      const members = membersToBe(group, people).map(({ value }) => value);
      const outcome = await push(name, group.scimId, (current) => groupValues(group, people, current));
      exchanges.push(...outcome.exchanges);
      group.scimId = outcome.id;
      group.error = outcome.error;
      if (outcome.error !== undefined) return { ok: false, error: outcome.error, exchanges };
      group.nameAtService = group.displayName;
      if (name !== 'renameGroup') replaceAll(group.membersAtService, members);
    }
    group.isPending = false;
    group.error = undefined;
    if (group.isDeleted) groups.delete(group.id);
    return { ok: true, exchanges };
  }

  /** Pushes a person, then that person's groups: a group accepts only members that the service knows. */
  async function syncWithGroups(person: PersonEntry): Promise<IdpResult> {
    const results = [await syncPerson(person)];
    for (const group of groups.values()) {
      if (results.every(({ ok }) => ok) && proceduresFor(group, people).length > 0) {
        results.push(await syncGroup(group));
      }
    }
    return join(results);
  }

  async function runCycle(): Promise<IdpResult> {
    const results: IdpResult[] = [];
    for (const person of [...people.values()].filter(({ isPending }) => isPending)) {
      results.push(await syncPerson(person));
    }
    for (const group of [...groups.values()]) {
      if (group.isPending || proceduresFor(group, people).length > 0) results.push(await syncGroup(group));
    }
    return join(results);
  }

  function checkNames(attributes: PersonAttributes, self?: PersonEntry): void {
    for (const name of ['userName', 'givenName', 'familyName'] as const) {
      if (attributes[name].trim() === '') throw new IdpError('invalid', `A person needs a ${name}.`);
    }
    const other = findPerson(attributes.userName);
    if (other !== undefined && other !== self) {
      throw new IdpError('conflict', `${JSON.stringify(attributes.userName)} is already in the directory.`);
    }
  }

  return {
    flavor: flavor.name,
    entityId,
    get certificate() {
      return keyOf().certificate;
    },
    get provisioning() {
      const { scimBaseUrl } = target;
      return { isEnabled, ...(scimBaseUrl !== undefined && { scimBaseUrl }) };
    },
    people: () => [...people.values()].filter(({ isDeleted }) => !isDeleted).map(showPerson),
    groups: () =>
      [...groups.values()].filter(({ isDeleted }) => !isDeleted).map((group) => showGroup(group, people)),
    addPerson: (attributes) => {
      checkNames(attributes);
      const entry: PersonEntry = {
        id: flavor.newId('user'),
        attributes: { ...attributes },
        roles: {},
        isAssigned: false,
        isDeleted: false,
        scimId: undefined,
        atService: 'nothing',
        isPending: false,
        error: undefined,
      };
      people.set(entry.id, entry);
      return showPerson(entry);
    },
    assign: (userName, roles) =>
      inTurn(() => {
        const person = personOf(userName);
        person.isAssigned = true;
        if (roles !== undefined) person.roles = pickRoles({ ...person.roles, ...roles });
        return syncWithGroups(person);
      }),
    change: (userName, { roles, ...attributes }) =>
      inTurn(() => {
        const person = personOf(userName);
        const changed = { ...person.attributes, ...attributes };
        checkNames(changed, person);
        person.attributes = changed;
        if (roles !== undefined) person.roles = pickRoles({ ...person.roles, ...roles });
        return syncPerson(person);
      }),
    unassign: (userName) =>
      inTurn(() => {
        const person = personOf(userName);
        person.isAssigned = false;
        return syncPerson(person);
      }),
    remove: (userName) =>
      inTurn(() => {
        const person = personOf(userName);
        person.isAssigned = false;
        person.isDeleted = true;
        for (const group of groups.values()) group.members.delete(person.id);
        return syncWithGroups(person);
      }),
    pushGroup: (displayName, userNames = []) =>
      inTurn(() => {
        if (displayName.trim() === '') throw new IdpError('invalid', 'A group needs a displayName.');
        const members = userNames.map((userName) => personOf(userName).id);
        const group = findGroup(displayName) ?? newGroup(flavor.newId('group'), displayName);
        groups.set(group.id, group);
        group.isPushed = true;
        for (const id of members) group.members.add(id);
        return syncGroup(group);
      }),
    renameGroup: (displayName, newName) =>
      inTurn(() => {
        const group = groupOf(displayName);
        const other = findGroup(newName);
        if (newName.trim() === '') throw new IdpError('invalid', 'A group needs a displayName.');
        if (other !== undefined && other !== group) {
          throw new IdpError('conflict', `${JSON.stringify(newName)} is a group already.`);
        }
        group.displayName = newName;
        return syncGroup(group);
      }),
    changeMembers: (displayName, { add = [], remove = [] }) =>
      inTurn(() => {
        const group = groupOf(displayName);
        const [added, removed] = [add, remove].map((names) => names.map((name) => personOf(name).id));
        for (const id of added ?? []) group.members.add(id);
        for (const id of removed ?? []) group.members.delete(id);
        return syncGroup(group);
      }),
    removeGroup: (displayName) =>
      inTurn(() => {
        const group = groupOf(displayName);
        group.isDeleted = true;
        return syncGroup(group);
      }),
    runCycle: () => inTurn(runCycle),
    setProvisioning: (change) => {
      isEnabled = change.isEnabled ?? isEnabled;
      target = checkTarget({
        ...target,
        ...(change.scimBaseUrl !== undefined && { scimBaseUrl: change.scimBaseUrl }),
        ...(change.token !== undefined && { token: change.token }),
      });
      const { scimBaseUrl } = target;
      return { isEnabled, ...(scimBaseUrl !== undefined && { scimBaseUrl }) };
    },
    setLogin: (login) => {
      loginTarget = login;
    },
    login: async (userName, { isForced = false } = {}) => {
      const person = personOf(userName);
      if (!person.isAssigned && !isForced) {
        const error = `${flavor.title} does not let ${person.attributes.userName} in: the application is not assigned.`;
        return { ok: false, error };
      }
      if (loginTarget === undefined) {
        return { ok: false, error: `${flavor.title} has no ACS URL and audience. Set up the login first.` };
      }
      const { acsUrl, audience } = loginTarget;
      const assertion: SamlAssertion = {
        issuer: entityId,
        audience,
        acsUrl,
        nameId: person.attributes.email ?? person.attributes.userName,
        attributes: loginAttributes(person, groups, rolesBy !== 'scim'),
        now: now(),
        signs: flavor.samlSigns,
      };
      let samlResponse: string;
      try {
        samlResponse = await signSaml(assertion, keyOf());
      } catch (error) {
        if (error instanceof SamlError) return { ok: false, error: error.message };
        throw error;
      }
      return postLogin(flavor.title, acsUrl, samlResponse, timeoutInMs);
    },
  };
}

function newGroup(id: string, displayName: string): GroupEntry {
  return {
    id,
    displayName,
    members: new Set(),
    isPushed: false,
    isDeleted: false,
    scimId: undefined,
    nameAtService: undefined,
    membersAtService: new Set(),
    isPending: false,
    error: undefined,
  };
}

function replaceAll(set: Set<string>, values: readonly string[]): void {
  set.clear();
  for (const value of values) set.add(value);
}

// An empty role is no role: no provider sends an attribute without a value.
function pickRoles(roles: Roles): Roles {
  const given = roleNames.filter((name) => roles[name] !== undefined && roles[name] !== '');
  return Object.fromEntries(given.map((name) => [name, roles[name]]));
}

function join(results: readonly IdpResult[]): IdpResult {
  const failed = results.find(({ ok }) => !ok);
  return {
    ok: failed === undefined,
    ...(failed?.error !== undefined && { error: failed.error }),
    exchanges: results.flatMap(({ exchanges }) => exchanges),
  };
}

function checkTarget(target: Partial<Target>): Partial<Target> {
  const { scimBaseUrl } = target;
  if (scimBaseUrl === undefined) return target;
  const url = URL.canParse(scimBaseUrl) ? new URL(scimBaseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new IdpError(
      'invalid',
      `${JSON.stringify(scimBaseUrl)} is not a SCIM base URL. Use a URL such as https://workato.com/scim/v2.`,
    );
  }
  return { ...target, scimBaseUrl: scimBaseUrl.replace(/\/+$/, '') };
}
