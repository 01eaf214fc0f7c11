import { describe, expect, it } from 'vitest';
import { readForm } from '../../../hosts/n8n/code/read-form.ts';
import { actionProperties } from '../../../hosts/n8n/form/action-properties.ts';
import type { N8nProperty } from '../../../hosts/n8n/form/n8n-property.ts';
import {
  pollTriggerProperties,
  webhookTriggerProperties,
} from '../../../hosts/n8n/form/trigger-properties.ts';
import { parameterNames } from '../../../hosts/n8n/parameter-names.ts';
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
  return form.flatMap(({ name, type, options = [] }) =>
    type === 'collection' ? options.map((option) => ('name' in option ? option.name : '')) : [name],
  );
}

const keys = definition.actions.map(({ key }) => key);

describe('the form of an operation', () => {
  it.for(keys)('%s has every field of the manifest once', (key) => {
    const action = actionOf(key);
    const form = shown(properties, { ...fillForm(action, {}), returnAll: false });
    const own: readonly string[] = Object.values(parameterNames);
    const drawn = fieldNames(form).filter((name) => !own.includes(name) || name === parameterNames.limit);

    expect(drawn.toSorted()).toEqual(action.fields.map((field) => field.key).toSorted());
    expect(action.fields.filter((field) => own.includes(field.key) && field.key !== 'limit')).toEqual([]);
  });

  it.for(keys)('%s gives the action what was filled in', (key) => {
    const action = actionOf(key);
    const filled = fillForm(action, action.sampleInput);
    const { input, customAttributes } = readForm(action, (name, fallback) => filled[name] ?? fallback);

    const limit = input.limit === 1_000_000 ? { limit: 1_000_000 } : {};
    expect(input).toEqual({ ...action.sampleInput, ...limit });
    expect(customAttributes.size).toBe(0);
  });

  it('takes what was cleared away, and all results where all are wanted', () => {
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

describe('the forms of the triggers', () => {
  it.for(definition.triggers.map(({ key }) => key))('%s has every field where it means something', (key) => {
    const trigger = definition.triggers.find((one) => one.key === key);
    const fields = trigger?.fields.map((field) => field.key) ?? [];
    const polled = fieldNames(shown(pollTriggerProperties(definition), { source: 'poll', event: key }));
    const sent = fieldNames(shown(webhookTriggerProperties(definition), { event: key }));

    expect(polled.toSorted()).toEqual([...fields, 'source', 'event'].toSorted());
    const ofPolls = ['startFrom', 'strategy', 'massChangeLimit', 'pageSize'];
    expect(sent.toSorted()).toEqual(
      ['event', ...fields.filter((name) => !ofPolls.includes(name))].toSorted(),
    );
  });
});
