import { describe, expect, it } from 'vitest';
import { compileManifest } from '../../connector/definition/compile-manifest.ts';
import { ManifestError } from '../../connector/manifest/manifest-error.ts';
import { parseManifest } from '../../connector/manifest/parse-manifest.zod.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import { loadManifest } from '../../runtime/load-manifest.ts';

/** A manifest that can be spoilt at will. */
type Loose = { [key: string]: Loose } & Loose[] & Record<string, unknown>;

const action = (loose: Loose, key: string): Loose => {
  const found = (loose.actions as Loose[]).find((candidate) => (candidate.key as unknown) === key);
  if (found === undefined) throw new Error(`There is no action ${key}`);
  return found;
};

function set(target: Loose | undefined, key: string, value: unknown): void {
  (target as Record<string, unknown>)[key] = value;
}

/** One mistake in the manifest, and what is said about it: `path: message`, a line each. */
interface AntiExample {
  readonly mistake: string;
  readonly spoil: (loose: Loose) => void;
  readonly said: readonly string[];
}

const antiExamples: readonly AntiExample[] = [
  {
    mistake: 'an action without a key',
    spoil: (loose) => set(loose.actions?.[0], 'key', undefined),
    said: ['actions[0].key: is missing: add it'],
  },
  {
    mistake: 'a key in camel case',
    spoil: (loose) => set(loose.actions?.[0], 'key', 'createUser'),
    said: ['actions[0 "createUser"].key: must be lower-case words joined by "_", such as "create_user"'],
  },
  {
    mistake: 'a description without a full stop',
    spoil: (loose) => set(action(loose, 'get_user'), 'description', 'Reads one user'),
    said: ['actions[1 "get_user"].description: must be a sentence that ends with a period'],
  },
  {
    mistake: 'a misspelled property of an action',
    spoil: (loose) => set(action(loose, 'get_user'), 'titel', 'Get user'),
    said: ['actions[1 "get_user"].titel: is unknown: remove it, or correct its spelling'],
  },
  {
    mistake: 'a misspelled property of a field',
    spoil: (loose) => set(loose.resources?.User?.fields?.[0], 'hlep', 'Help.'),
    said: ['resources.User.fields[0].hlep: is unknown: remove it, or correct its spelling'],
  },
  {
    mistake: 'a field in the place of the dry run',
    spoil: (loose) =>
      (action(loose, 'delete_user').fields as Loose[]).push({
        key: 'dryRun',
        title: 'Dry run',
        help: 'Whether to delete.',
        type: 'boolean',
      } as unknown as Loose),
    said: ['actions.delete_user: has a field "dryRun", which is the switch of the dry run'],
  },
  {
    mistake: 'an operation that there is not',
    spoil: (loose) => set(action(loose, 'get_user').operation, 'type', 'fetch'),
    said: [
      'actions[1 "get_user"].operation.type: must be one of create, read, search, patch, replace, delete, members, list_groups, list_members, sequence, bulk, plan, apply, discover, request',
    ],
  },
  {
    mistake: 'a choice that there is not',
    spoil: (loose) => set(action(loose, 'create_user').operation, 'onConflict', 'explode'),
    said: ['actions[0 "create_user"].operation.onConflict: must be one of fail, return, update'],
  },
  {
    mistake: 'an operation of a PATCH in capitals',
    spoil: (loose) => set(action(loose, 'deactivate_user').operation?.operations?.[0], 'op', 'Replace'),
    said: ['actions[7 "deactivate_user"].operation.operations[0].op: must be one of add, replace, remove'],
  },
  {
    mistake: 'another version of the manifest',
    spoil: (loose) => set(loose, 'manifestVersion', 2),
    said: ['manifestVersion: must be 1'],
  },
  {
    mistake: 'a number where a text belongs',
    spoil: (loose) => set(loose, 'title', 5),
    said: ['title: must be text in double quotes'],
  },
  {
    mistake: 'an empty list of actions',
    spoil: (loose) => set(loose, 'actions', []),
    said: ['actions: must have 1 entries or more'],
  },
  {
    mistake: 'an action that is declared twice',
    spoil: (loose) => (loose.actions as Loose[]).push(action(loose, 'get_user')),
    said: ['actions and triggers: "get_user" is declared twice: rename one'],
  },
  {
    mistake: 'a field that is declared twice',
    spoil: (loose) => (action(loose, 'get_user').fields as unknown[]).push({ use: 'projection' }),
    said: [
      'actions.get_user.fields: "attributes" is declared twice: rename one',
      'actions.get_user.fields: "excludedAttributes" is declared twice: rename one',
    ],
  },
  {
    mistake: 'an attribute that no schema has',
    spoil: (loose) => set(loose.resources?.Group?.fields?.[1], 'attribute', 'extId'),
    said: [
      'resources.Group.fields "extId": there is no attribute "extId" in the schemas of Group: add its schema, or correct the path',
      'actions.search_groups.fields[0]: there is no field "externalId" of Group: there is displayName, extId, members',
    ],
  },
  {
    mistake: 'a field set that there is not',
    spoil: (loose) => set(action(loose, 'get_user').fields?.[0], 'use', 'projektion'),
    said: [
      'actions.get_user.fields[0]: there is no field set "projektion": there is search, projection, version, narrowing, changed_attributes, in_group, of_group, polling',
    ],
  },
  {
    mistake: 'a resource that there is not',
    spoil: (loose) => set(action(loose, 'delete_user').operation, 'resource', 'Person'),
    said: ['actions.delete_user: there is no resource "Person": there is User, Group'],
  },
  {
    mistake: 'a row action that there is not',
    spoil: (loose) => {
      set(loose, 'actions', [action(loose, 'bulk_users')]);
      set(action(loose, 'bulk_users').operation, 'actions', ['fly_user']);
    },
    said: ['actions.bulk_users: there is no action "fly_user": there is bulk_users'],
  },
  {
    mistake: 'a pick-list that there is not',
    spoil: (loose) => set(action(loose, 'bulk_users').fields?.[0], 'pickList', 'action'),
    said: [
      'actions.bulk_users.fields[0] "action": there is no pick-list "action": there is client_authentication, workato_role, workato_environment, sort_order, http_method, bulk_action, start_from, poll_strategy, missing_users, match_key, when_held',
    ],
  },
  {
    mistake: 'a placeholder without a field',
    spoil: (loose) => set(action(loose, 'set_workato_role').operation?.operations?.[0], 'value', '{rolle}'),
    said: [
      'actions.set_workato_role.operation.operations[0]: there is no field "rolle": there is user, environment, role, ifVersion',
    ],
  },
  {
    mistake: 'a placeholder that may be left empty',
    spoil: (loose) => set(action(loose, 'set_workato_role').fields?.[1], 'required', false),
    said: [
      'actions.set_workato_role.operation.operations[0]: the field "role" must be required, or have a default',
    ],
  },
  {
    mistake: 'a placeholder in a path that takes any text',
    spoil: (loose) => set(action(loose, 'set_workato_role').fields?.[0], 'custom', true),
    said: [
      'actions.set_workato_role.operation.operations[0]: the field "environment" is part of a path, so it needs a pick-list without "custom"',
    ],
  },
  {
    mistake: 'a template for an attribute that no schema has',
    spoil: (loose) => set(action(loose, 'deactivate_user').operation?.operations?.[0], 'path', 'aktive'),
    said: [
      'actions.deactivate_user.operation.operations[0]: there is no attribute "aktive" in the schemas of User: add its schema, or correct the path',
    ],
  },
];

function problemsOf(run: () => unknown): {
  readonly lines: readonly string[];
  readonly error: ManifestError;
} {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { lines: error.problems.map(({ path, message }) => `${path}: ${message}`), error };
  }
  throw new Error('It should have been refused');
}

describe('an invalid manifest', () => {
  it.each(antiExamples)('is rejected for $mistake, with its path and a fix', ({ spoil, said }) => {
    const loose = JSON.parse(JSON.stringify(manifest)) as Loose;
    spoil(loose);

    const { lines, error } = problemsOf(() =>
      compileManifest({ ...loadManifest(), manifest: parseManifest(JSON.parse(JSON.stringify(loose))) }),
    );

    expect(lines).toEqual(said);
    expect(error.message).toBe(`manifest.json is not valid:\n${said.map((line) => `  ${line}`).join('\n')}`);
  });

  it.each([[[]], ['text'], [null], [undefined]])('is rejected if it is not an object: %j', (value) => {
    expect(problemsOf(() => parseManifest(value, 'my.json')).error.message).toMatch(
      /^my\.json is not valid:\n {2}\(top\): (must be an object in braces|is missing: add it)$/,
    );
  });

  it('reports all its mistakes at once', () => {
    const loose = JSON.parse(JSON.stringify(manifest)) as Loose;
    set(loose, 'titel', 'x');
    set(loose.actions?.[0], 'title', '');
    expect(problemsOf(() => parseManifest(loose)).lines).toEqual([
      'actions[0 "create_user"].title: must have 2 characters or more',
      'titel: is unknown: remove it, or correct its spelling',
    ]);
  });
});

describe('an invalid overlay', () => {
  const overlay = (parts: object) => ({ overlayVersion: 1, title: 'Acme', ...parts });

  it.each([
    ['another version', { overlayVersion: 2, title: 'Acme' }, ['overlayVersion: must be 1']],
    [
      'no version, which is the one mistake',
      { titel: 'Acme' },
      ['overlayVersion: is missing: add "overlayVersion": 1'],
    ],
    ['no title', { overlayVersion: 1 }, ['title: is missing: add it']],
    [
      'an action that is there already',
      overlay({ actions: [manifest.actions[1]] }),
      ['actions.get_user: is declared already: choose another key'],
    ],
    [
      'a resource that is not there',
      overlay({ resources: { Person: {} } }),
      ['resources.Person: is not in the manifest: it has User, Group'],
    ],
    [
      'a schema without attributes',
      overlay({ schemas: [{ id: 'urn:acme' }] }),
      ['schemas[0].attributes: is missing: add it'],
    ],
  ])('is rejected for %s', (_, value, said) => {
    expect(problemsOf(() => loadManifest([value])).lines).toEqual(said);
  });

  it('is rejected for an attribute of a schema that it does not contain', () => {
    const fields = [{ attribute: 'urn:acme:badge', title: 'Badge', help: 'The badge of the user.' }];
    const declaration = loadManifest([overlay({ resources: { User: { fields } } })]);

    expect(problemsOf(() => compileManifest(declaration)).lines).toEqual([
      'resources.User.fields "urn:acme:badge": there is no attribute "urn:acme:badge" in the schemas of User: add its schema, or correct the path',
    ]);
  });

  it('is named by its number if there are several', () => {
    expect(problemsOf(() => loadManifest([overlay({}), {}])).error.message).toMatch(
      /^Overlay 2 is not valid:/,
    );
  });
});
