import { describe, expect, it } from 'vitest';
import type { Field } from '../../../../connector/definition/definition.ts';
import { errorParts, errorTexts } from '../../../../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../../../../connector/errors.ts';
import { problemTexts } from '../../../../connector/problem-texts.ts';
import { createErrorLabels } from '../../../../hosts/kit/error-labels.ts';
import { labelOf } from '../../../../hosts/n8n/form/words.ts';
import { planTexts } from '../../../../sync/plan-texts.ts';
import { actionOf, definition } from '../../../support/open-test-session.ts';

const { label, wrap } = createErrorLabels(definition, ({ title }) => title, 'actions');

describe('createErrorLabels', () => {
  it('names the ways to identify a resource by their labels', () => {
    const of = (what: string, detail?: string) => {
      const error = label(new ConnectorError('not_found', { what, nextStep: 'Check it.', detail }));
      return (error as ConnectorError).what;
    };

    expect(of('No user matches userName "ada", or email "a@example.com". No members were changed.')).toBe(
      'No user matches Username "ada", or Email "a@example.com". No members were changed.',
    );
    expect(of('2 groups match displayName "id "7" of email".')).toContain('2 groups match Group name "');
    expect(of('The provider says: no user matches userName "ada"', 'quoted')).toContain('userName');
    expect(of('No plan matches userName "ada".')).toBe('No plan matches userName "ada".');
  });

  it('replaces the key of a field by its label', () => {
    const error = invalidInput([{ path: 'department', message: 'must be a string' }]);
    expect(label(error).message).toContain('"Department" must be a string');
  });

  it('uses the labels of a form, also for a value in a list', () => {
    const form = actionOf('update_user').fields;
    const error = invalidInput([
      { path: 'emails[1].type', message: 'is wrong' },
      { path: 'name.givenName', message: 'is wrong' },
      { path: 'emails[0].no', message: 'is wrong' },
      { path: 'filters', message: 'is wrong' },
    ]);
    const own = createErrorLabels(definition, labelOf, 'actions', { filters: 'Filters' });
    expect(own.label(error, form).what).toBe(
      'Invalid input: "Emails 2 > Type" is wrong; "Name > Given Name" is wrong; `emails[0].no` is wrong; "Filters" is wrong.',
    );
  });

  it('keeps a key that has different labels in different forms', () => {
    let forms = 0;
    const different = createErrorLabels(
      definition,
      ({ title }) => {
        forms += 1;
        return `${title} of form ${forms}`;
      },
      'actions',
    );
    const error = invalidInput([{ path: 'department', message: 'must be a string' }]);
    expect(different.label(error).message).toContain('`department` must be a string');
  });

  it('has a label for each key that a sentence names', () => {
    const sentences = JSON.stringify([errorTexts, errorParts, problemTexts, planTexts]);
    const keys = new Set([...sentences.matchAll(/`([\w.]+)`/g)].map(([, key = '']) => key));
    const inHost = createErrorLabels(definition, labelOf, 'actions');
    const unnamed = [...keys].filter((key) => {
      const error = new ConnectorError('invalid_input', { what: 'Wrong.', nextStep: `Set \`${key}\`.` });
      return inHost.label(error).nextStep.includes('`');
    });
    expect(keys.size).toBeGreaterThan(20);
    expect(unnamed).toEqual([]);
  });

  it('prefers the labels of the forms whose error it is', () => {
    const error = new ConnectorError('mass_change_blocked', { what: 'Held.', nextStep: 'Set `approve`.' });
    // The field of an action takes several IDs.
    const plural = ({ title, kind }: Field): string => (kind === 'strings' ? `${title}s` : title);
    const labelIn = (forms: 'actions' | 'triggers') =>
      createErrorLabels(definition, plural, forms).label(error).nextStep;
    expect(labelIn('triggers')).toBe('Set "Approved hold".');
    expect(labelIn('actions')).toBe('Set "Approved holds".');
  });

  it('keeps the code and the details of an error', () => {
    const error = new ConnectorError('rate_limited', {
      what: 'Too many requests.',
      nextStep: 'Lower `requestsPerMinute`.',
      status: 429,
    });
    expect(label(error)).toMatchObject({ code: 'rate_limited', status: 429, transient: true });
    expect(label(error).nextStep).not.toContain('requestsPerMinute');
  });

  it('labels the errors of a wrapped function, and passes other errors unchanged', async () => {
    const other = new TypeError('`department`');
    await expect(wrap(() => Promise.reject(other))()).rejects.toBe(other);
    const failing = wrap(() => Promise.reject(invalidInput([{ path: 'department', message: 'is wrong' }])));
    await expect(failing()).rejects.toThrow('"Department" is wrong');
    expect(await wrap(async (value: number) => value + 1)(1)).toBe(2);
  });
});
