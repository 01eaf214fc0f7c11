import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { definition } from '../../support/open-test-session.ts';
import {
  expectHeld,
  expectHidden,
  type GuardedSide,
  guardedTrigger,
  safeguardCases,
} from '../../support/safeguard-cases.ts';
import { type Directory, startDirectory } from '../../support/start-directory.ts';
import { readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

interface Page {
  readonly events: readonly { readonly type: string; readonly subject: { readonly id: string } }[];
  readonly next_poll: unknown;
}

describe('the safeguard in Workato', () => {
  let ruby: RubyConnector;
  let directory: Directory;

  beforeAll(async () => {
    ruby = await startRubyConnector(definition);
  });

  afterAll(() => ruby.close());

  beforeEach(async () => {
    await ruby.ask({ do: 'reset' });
    directory = await startDirectory();
  });

  afterEach(() => directory.close());

  /** A trigger, with its closure. */
  function open({ baseUrl }: Directory): GuardedSide {
    let closure: unknown = null;
    return {
      async poll(approve) {
        const { value, error } = await ruby.ask({
          do: 'poll',
          key: guardedTrigger,
          input: approve === undefined ? {} : { approve },
          closure,
          settings: { baseUrl, token: 'token' },
        });
        if (error !== undefined) {
          const { code, message } = readJobError(error);
          expect(code).toBe('mass_change_blocked');
          return { events: [], held: message };
        }
        const { events, next_poll: next } = value as Page;
        closure = next;
        return { events: events.map(({ type, subject }) => `${type} ${subject.id}`) };
      },
    };
  }

  it.each(safeguardCases)('holds $title, names whom, and lets exactly that through', (one) =>
    expectHeld(one, directory, open(directory), false),
  );

  it('does not count an attribute that vanished from everybody as a loss', () =>
    expectHidden(directory, open(directory)));
});
