import { describe, expect, it } from 'vitest';
import { actionProperties } from '../../../hosts/n8n/form/action-properties.ts';
import { connectionProperties } from '../../../hosts/n8n/form/connection-properties.ts';
import type { N8nProperty } from '../../../hosts/n8n/form/n8n-property.ts';
import { sourceProperties } from '../../../hosts/n8n/form/source-properties.ts';
import { pollPanel, webhookPanel } from '../../../hosts/n8n/form/trigger-panel.ts';
import {
  pollTriggerProperties,
  webhookTriggerProperties,
} from '../../../hosts/n8n/form/trigger-properties.ts';
import { parameterNames } from '../../../hosts/n8n/parameter-names.ts';
import { createHost } from '../../../hosts/n8n/runtime/create-host.ts';
import { readConnectionCredential, readFields } from '../../../hosts/n8n/runtime/credentials.ts';
import { readForm } from '../../../hosts/n8n/runtime/read-form.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { sources } from '../../../triggers/sources/sources.ts';
import { actionOf, definition } from '../../support/open-test-session.ts';
import { fillForm } from './support/fill-form.ts';

const properties = actionProperties(definition);

/** The parameters that are shown when these have their values. */
function shown(
  all: readonly N8nProperty[],
  values: Readonly<Record<string, unknown>>,
): readonly N8nProperty[] {
  return all.filter(({ displayOptions }) =>
    Object.entries(displayOptions?.show ?? {}).every(([name, wanted]) => wanted.includes(values[name])),
  );
}

/** The names of all fields of a form, those that may be added included. */
function fieldNames(form: readonly N8nProperty[]): readonly string[] {
  return form.flatMap(({ name, type, options = [] }) => {
    if (type === 'collection') return options.map((option) => ('name' in option ? option.name : ''));
    const [group] = name === parameterNames.sort ? options : [];
    return group !== undefined && 'values' in group ? fieldNames(group.values) : [name];
  });
}

const keys = definition.actions.map(({ key }) => key);

describe('the form of an operation', () => {
  it.for(keys)('%s has every field of the manifest once', (key) => {
    const action = actionOf(key);
    const form = shown(properties, { ...fillForm(action, {}), returnAll: false });
    const own: readonly string[] = Object.values(parameterNames);
    const drawn = fieldNames(form).filter((name) => !own.includes(name) || name === parameterNames.limit);

    const dryRun = action.dryRun === undefined ? [] : [action.dryRun.field.key];
    expect(drawn.toSorted()).toEqual([...action.fields.map((field) => field.key), ...dryRun].toSorted());
    expect(action.fields.filter((field) => own.includes(field.key) && field.key !== 'limit')).toEqual([]);
  });

  it.for(keys)('%s passes the values of the form to the action', (key) => {
    const action = actionOf(key);
    const filled = fillForm(action, action.sampleInput);
    const { input, customAttributes } = readForm(action, (name, fallback) => filled[name] ?? fallback);

    const limit = input.limit === 1_000_000 ? { limit: 1_000_000 } : {};
    expect(input).toEqual({ ...action.sampleInput, ...limit });
    expect(customAttributes.size).toBe(0);
  });

  it('passes the dry run as an option, and rejects what is neither on nor off', () => {
    const user = { mode: 'id', value: 'ada' };
    const read = (options: object) =>
      readForm(actionOf('deactivate_user'), (name, fallback) => ({ user, options })[name] ?? fallback);

    expect(read({})).toMatchObject({ dryRun: false });
    expect(read({ dryRun: false })).toMatchObject({ dryRun: false });
    expect(read({ dryRun: 'true' })).toMatchObject({ dryRun: true });
    expect(read({ dryRun: true }).input).not.toHaveProperty('dryRun');
    for (const dryRun of ['', null, 'perhaps'])
      expect(() => read({ dryRun })).toThrow('`dryRun` must be true or false');
  });

  it('has a safety limit where an action can deactivate, delete, replace, or end memberships', () => {
    const limited = keys.filter((key) =>
      fieldNames(shown(properties, fillForm(actionOf(key), {}))).includes(parameterNames.removalLimit),
    );
    expect(limited.toSorted()).toEqual([
      'bulk_users',
      'deactivate_user',
      'delete_group',
      'delete_user',
      'offboard_user',
      'remove_group_members',
      'replace_user',
      'set_group_members',
      'update_group',
      'update_user',
      'upsert_user',
    ]);
  });

  it('has a safety limit of a bulk action only where its rows can remove something', () => {
    const options = properties.filter(({ name }) => name === parameterNames.options);
    const conditions = options.flatMap(({ options: entries = [] }) =>
      (entries as readonly N8nProperty[]).flatMap(({ displayOptions: { show } = {} }) =>
        show ? [show] : [],
      ),
    );

    const removing = ['upsert_user', 'update_user', 'deactivate_user', 'offboard_user', 'delete_user'];
    expect(conditions).toEqual([{ '/operation': removing }, { '/action': removing }]);
  });

  it('has what identifies the users of a bulk operation, with a default only if the operation has one', () => {
    const match = (operation: string) =>
      shown(properties, { resource: 'userBulk', operation }).find(({ name }) => name === 'matchBy');

    expect(match('create_user')).toBeUndefined();
    expect(match('upsert_user')).toMatchObject({ displayName: 'Match By', default: 'userName' });
    for (const key of ['update_user', 'deactivate_user', 'delete_user', 'set_workato_role']) {
      expect(match(key)).toMatchObject({ displayName: 'Match By', default: '' });
      expect(match(key)?.options?.[0]).toMatchObject({ name: 'Automatic', value: '' });
    }
  });

  it('has a sentence for each operation, in which only names and abbreviations have capitals', () => {
    const sentences = properties.flatMap(({ options = [] }) =>
      options.flatMap((option) => ('action' in option && option.action !== undefined ? [option.action] : [])),
    );
    const names = new Set(['Workato', 'SCIM']);

    expect(sentences.length).toBeGreaterThan(keys.length);
    expect(sentences).toContain('Set Workato role');
    for (const sentence of sentences) {
      const [first = '', ...rest] = sentence.split(' ');
      expect(first, sentence).toMatch(/^[A-Z][a-z]+$/);
      for (const word of rest) expect(names.has(word) || word === word.toLowerCase(), sentence).toBe(true);
      // A product name keeps its case wherever it is.
      expect(sentence).not.toMatch(/workato|scim/);
    }
  });

  it('names the ID of a resource by one locator, without what follows from the ID', () => {
    const entry = (key: string, collection: string, name: string) =>
      shown(properties, fillForm(actionOf(key), {}))
        .find((property) => property.name === collection)
        ?.options?.find((option) => option.name === name);

    expect(entry('update_user', 'updateFields', 'manager')).toMatchObject({
      displayName: 'Manager',
      type: 'resourceLocator',
      description: expect.stringContaining('Select from the list, or enter the user ID'),
    });
    expect(entry('create_group', 'additionalFields', 'members')).toMatchObject({
      placeholder: 'Add Member',
      options: [{ values: [{ displayName: 'Member', name: 'value', type: 'resourceLocator' }] }],
    });
  });

  it('passes the order of a list, which must name an attribute', () => {
    const read = (sort: unknown) =>
      readForm(actionOf('search_users'), (name, fallback) => (name === 'sort' ? sort : fallback)).input;

    expect(read({})).toEqual({});
    expect(read({ values: { sortBy: 'userName', sortOrder: 'descending' } })).toEqual({
      sortBy: 'userName',
      sortOrder: 'descending',
    });
    expect(() => read({ values: { sortBy: '', sortOrder: 'descending' } })).toThrow('`sortBy` is empty');
    expect(() => read('userName')).toThrow('`sort` must be an object');
  });

  it('passes the safety limit as an option, and rejects what is no number', () => {
    const user = { mode: 'id', value: 'ada' };
    const read = (options: object) =>
      readForm(actionOf('delete_user'), (name, fallback) => ({ user, options })[name] ?? fallback);

    expect(read({})).toMatchObject({ safetyLimit: undefined });
    expect(read({ removalLimit: '10' })).toMatchObject({ safetyLimit: 10, input: { user: { id: 'ada' } } });
    expect(read({ removalLimit: 0 })).toMatchObject({ safetyLimit: 0 });
    for (const removalLimit of ['', null, 'ten', 1.5, -1])
      expect(() => read({ removalLimit })).toThrow('`removalLimit` must be a whole number, 0 or more');
  });

  it('accepts lists and booleans from expressions, and rejects invalid ones', () => {
    const read = (action: string, parameters: Readonly<Record<string, unknown>>) =>
      readForm(
        actionOf(action),
        (name, fallback) => ({ user: { mode: 'id', value: '1' }, ...parameters })[name] ?? fallback,
      );

    expect(read('update_user', { clear: 'title, nickName' }).input).toMatchObject({
      title: null,
      nickName: null,
    });
    expect(read('search_users', { returnAll: 'true' }).input).toEqual({ limit: 1_000_000 });
    const { customAttributes } = read('update_user', {
      customAttributes: { attribute: { path: 'urn:a:badge', value: 7 } },
    });
    expect(customAttributes).toEqual(new Map([['urn:a:badge', 7]]));
    for (const [parameters, message] of [
      [{ clear: ['salary'] }, '`clear` must be a list of: '],
      [{ clear: { title: true } }, '`clear` must be a list of: '],
      [{ clear: ['__proto__'] }, '`clear` must be a list of: '],
      [{ clear: ['title'], updateFields: { title: 'x' } }, '`title` is both set and cleared'],
      [{ updateFields: 'title' }, '`updateFields` must be an object'],
      [{ customAttributes: { attribute: ['badge'] } }, '`customAttributes` must be an object'],
    ] as const)
      expect(() => read('update_user', parameters)).toThrow(message);
  });

  it.for([
    [{ filters: { department: '' } }, '`department` is empty'],
    [{ filters: { department: undefined } }, '`department` is empty'],
    [{ filters: { department: ' ' } }, '`department` is empty'],
    [{ filters: { department: null, userName: 'ada@example.com' } }, '`department` is empty'],
    [{ filters: { workato_role: { mode: 'list', value: '' } } }, '`workato_role` is empty'],
    [{ options: { filter: '' } }, '`filter` is empty'],
    [{ filters: { dept: 'x' } }, '`filters` has no field "dept" (did you mean "department"?)'],
    [{ filters: { department: 'x', '': 'x' } }, '`filters` has no field ""'],
    [{ filters: null }, '`filters` must be an object'],
    [{ filters: '' }, '`filters` must be an object'],
  ] as const)('search_users does not select everybody with %j', ([parameters, message]) => {
    const given: Readonly<Record<string, unknown>> = parameters;
    const read = () =>
      readForm(actionOf('search_users'), (name, fallback) => (name in given ? given[name] : fallback));

    expect(read).toThrow(message);
  });

  it('rejects an unknown field in every collection', () => {
    const read = (key: string, parameters: Readonly<Record<string, unknown>>) => () =>
      readForm(actionOf(key), (name, fallback) => parameters[name] ?? fallback);

    expect(read('create_user', { userName: 'a', additionalFields: { dept: 'x' } })).toThrow(
      '`additionalFields` has no field "dept" (did you mean "department"?)',
    );
    expect(read('update_user', { updateFields: { departement: 'x' } })).toThrow('did you mean "department"?');
  });

  it('names what a button adds to a list', () => {
    const buttons = properties.flatMap(({ options = [] }) =>
      options.flatMap((option) => {
        if (!('type' in option)) return [];
        const text = option.typeOptions?.multipleValueButtonText;
        return text === undefined ? [] : [[option.displayName, text] as const];
      }),
    );
    expect(Object.fromEntries(buttons)).toEqual({
      'Approved Hold': 'Add Hold',
      'Fields to Exclude': 'Add Field',
      'Fields to Return': 'Add Field',
      'Ignore Columns': 'Add Column',
      'Managed Groups': 'Add Group',
      'Protected Users': 'Add User',
    });
  });

  it('names the ways to identify a resource without repeating its type, for which the editor has no room', () => {
    const modes = properties.flatMap(({ displayName, modes: all = [] }) =>
      displayName === 'Group' ? all.map((mode) => mode.displayName) : [],
    );
    expect(new Set(modes)).toEqual(new Set(['From List', 'ID', 'Name', 'External ID']));
  });

  it('shows no error for the value of an expression that differs from an option in its case', () => {
    const environment = properties.find(({ name }) => name === 'environment');
    expect(environment).toMatchObject({ type: 'options', allowArbitraryValues: true });

    const action = actionOf('set_workato_role');
    const filled: Readonly<Record<string, unknown>> = {
      ...fillForm(action, action.sampleInput),
      environment: 'PROD',
    };
    const { input } = readForm(action, (name, fallback) => filled[name] ?? fallback);
    expect(input).toMatchObject({ environment: 'prod' });
  });

  it('fills every list with an existing method', () => {
    const { listSearch, loadOptions, resourceMapping } = createHost(loadManifest(), async () => undefined);
    const names = (text: string, key: string): readonly string[] =>
      [...text.matchAll(new RegExp(`"${key}":"(\\w+)"`, 'g'))].map(([, name = '']) => name);
    const text = JSON.stringify([
      properties,
      pollTriggerProperties(definition),
      webhookTriggerProperties(definition),
    ]);

    expect(names(text, 'searchListMethod').length).toBeGreaterThan(20);
    for (const name of names(text, 'searchListMethod')) expect(Object.keys(listSearch)).toContain(name);
    expect(names(text, 'resourceMapperMethod')).toEqual(Object.keys(resourceMapping));
    expect(new Set(names(text, 'loadOptionsMethod'))).toEqual(new Set(Object.keys(loadOptions)));
  });

  it('passes on cleared fields, and returns all results with Return All', () => {
    const update = actionOf('update_user');
    const cleared = fillForm(update, { user: { id: '1' }, title: null });
    const search = fillForm(actionOf('search_users'), {});

    expect(readForm(update, (name, fallback) => cleared[name] ?? fallback).input).toEqual({
      user: { id: '1' },
      title: null,
    });
    expect(readForm(actionOf('search_users'), (name, fallback) => search[name] ?? fallback).input).toEqual({
      limit: 1_000_000,
    });
  });
});

it('uses the default of a source for a number that n8n stored for another source', () => {
  const numbers = sourceProperties(definition.sources).filter(({ type }) => type === 'number');

  expect(numbers.map(({ name }) => name)).toContain('maxAgeInSeconds');
  for (const property of numbers) {
    expect(property).toMatchObject({
      default: 0,
      description: expect.stringMatching(/ Set to 0 for the default, [\d,]+( [a-z]+)?\.$/),
    });
    const [type] = property.displayOptions?.show?.source ?? [];
    const fields = definition.sources.find((source) => source.type === type)?.fields ?? [];
    expect(readFields(fields, { [property.name]: 0 })).toEqual({});
    expect(readFields(fields, { [property.name]: 60 })).toEqual({ [property.name]: 60 });
  }
});

describe('the forms of the credentials', () => {
  const forms = new Map<string, readonly N8nProperty[]>([
    ...definition.connection.auth.methods.map(
      (method) => [method.type, connectionProperties(definition, method)] as const,
    ),
    ...definition.sources.map(
      ({ type }) =>
        [
          type,
          shown(sourceProperties(definition.sources), { source: type, advancedSettings: true }),
        ] as const,
    ),
  ]);
  const hidden = (form: readonly N8nProperty[]): readonly string[] =>
    form.flatMap(({ name, displayOptions }) => (displayOptions?.show?.advancedSettings ? [name] : []));

  it.for([...forms.keys()])('%s shows advanced settings behind one switch', (type) => {
    const form = forms.get(type) ?? [];
    const place = form.findIndex(({ name }) => name === 'advancedSettings');
    const behind = form.slice(place + 1).filter((property) => property.type !== 'hidden');
    const isConnection = definition.connection.auth.methods.some((method) => method.type === type);
    const { fields } = definition.sources.find((source) => source.type === type) ?? definition.connection;

    // A switch that shows nothing would be a riddle.
    if (hidden(form).length === 0) expect(place).toBe(-1);
    else {
      expect(form[place]).toMatchObject({ type: 'boolean', default: false });
      expect(behind.map(({ name }) => name)).toEqual(hidden(form));
    }
    expect(hidden(form)).toEqual(
      fields.filter(({ advanced, secret }) => advanced && !secret).map(({ key }) => key),
    );
    if (isConnection) expect(hidden(form).length).toBeGreaterThan(5);
  });

  it.for([...forms.keys()])('%s has no label that the editor would cut off', (type) => {
    const labels = (forms.get(type) ?? []).filter((property) => property.type !== 'notice');
    for (const { displayName } of labels) expect(displayName.length, displayName).toBeLessThan(36);
  });

  it('read advanced settings only if the switch is on', () => {
    const [bearer] = definition.connection.auth.methods;
    const read = (data: object) =>
      readConnectionCredential(definition, bearer, {
        baseUrl: 'https://scim.example.com',
        token: 't',
        concurrency: 3,
        ...data,
      }).connection.concurrency;

    expect(read({ advancedSettings: true })).toBe(3);
    for (const data of [{ advancedSettings: false }, {}]) expect(read(data)).toBe(32);
  });

  it('say how to set up each sender', () => {
    for (const { type, setup } of definition.sources) {
      const [notice] = (forms.get(type) ?? []).filter((property) => property.type === 'notice');
      const text = notice?.displayName ?? '';
      const lines = text.split('</li><li>');
      expect(lines.length).toBeGreaterThanOrEqual(setup.steps.length);
      expect(lines.filter((line) => line.includes('<a ')).length).toBe(setup.docs === undefined ? 0 : 1);
      expect(text).not.toMatch(/[`{]/);
      // n8n's editor shows "Connection tested successfully" for them, too.
      const isTested = !text.includes('The test of this credential sends nothing');
      expect(isTested).toBe(sources[type].connects);
    }
  });
});

describe('the panels of the triggers', () => {
  it.for([pollPanel, webhookPanel])(
    'say when the node starts the workflow: $header',
    ({ executionsHelp }) => {
      const { inactive, active } = executionsHelp;
      for (const text of [inactive, active]) {
        expect(text).toContain('The credential <b>SCIM Events API</b> shows how to set up the sender');
        // On a small screen, n8n's editor cuts off the top of more, and the button that closes it.
        expect(text.replace(/<[^>]+>/g, '').length).toBeLessThan(800);
      }
      expect(inactive).toContain('publish it');
      expect(active).not.toContain('publish it');
    },
  );
});

describe('the forms of the triggers', () => {
  it('have the filter by group where the provider is read', () => {
    const form = { source: 'log', event: 'user_deprovisioned' };
    const options = shown(pollTriggerProperties(definition), form).flatMap(({ options: all = [] }) => all);
    const group = (options as readonly N8nProperty[]).find(({ name }) => name === 'group');

    expect(group?.displayOptions).toEqual({ hide: { '/source': ['log'] } });
  });

  it.for(definition.triggers.map(({ key }) => key))('%s has every field where it means something', (key) => {
    const trigger = definition.triggers.find((one) => one.key === key);
    const fields = trigger?.fields.map((field) => field.key) ?? [];
    const polled = fieldNames(shown(pollTriggerProperties(definition), { source: 'poll', event: key }));
    const sent = fieldNames(shown(webhookTriggerProperties(definition), { event: key }));

    expect(polled.toSorted()).toEqual([...fields, 'authentication', 'source', 'event'].toSorted());
    const ofPolls = [
      'startFrom',
      'strategy',
      // How many there are is known to polls only. The other fields of the safeguard apply to all events.
      'massChangePercent',
      'pageSize',
      'fullReadIntervalInMinutes',
      'lookBackInSeconds',
    ];
    expect(sent.toSorted()).toEqual(
      ['authentication', 'event', ...fields.filter((name) => !ofPolls.includes(name))].toSorted(),
    );
  });
});
