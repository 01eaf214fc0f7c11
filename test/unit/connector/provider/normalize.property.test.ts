import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../../connector/errors.ts';
import { createNormalizer } from '../../../../connector/provider/normalize.ts';
import { check } from '../../../../schemas/check.ts';
import { arbitraryOf } from '../../../support/json-schema-arbitrary.ts';
import { resourceNamed } from '../../../support/open-test-session.ts';

describe.each(['User', 'Group'] as const)('the reader of a %s', (name) => {
  const resource = resourceNamed(name);
  const normalize = createNormalizer(resource);
  const resources = arbitraryOf(resource.output)
    .filter((value) => (value as { id: string }).id !== '')
    .map(withReferencedIds);
  const answers = fc.oneof(fc.jsonValue(), arbitraryOf(resource.output, { isWild: true }));

  it('returns a resource with an ID, or fails with provider_fault, for any response', () => {
    fc.assert(
      fc.property(answers, (body) => {
        try {
          expect(normalize(body).id).toMatch(/./su);
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectorError);
          expect(error).toMatchObject({ code: 'provider_fault' });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('does not change a resource that matches the schemas', () => {
    fc.assert(
      fc.property(resources, (body) => {
        expect(normalize(body)).toEqual(body);
        expect(check(resource.output, body)).toEqual([]);
      }),
    );
  });

  it('does not change its own result', () => {
    fc.assert(
      fc.property(arbitraryOf(resource.output, { isWild: true }), (body) => {
        let once: unknown;
        try {
          once = normalize(body);
        } catch {
          return;
        }
        expect(normalize(once)).toEqual(once);
      }),
    );
  });

  it('restores the case of names', () => {
    fc.assert(
      fc.property(resources, fc.boolean(), (body, isUpper) => {
        expect(normalize(renameKeys(body, isUpper))).toEqual(body);
      }),
    );
  });
});

/** The same with an ID in each reference: one that has only a URL gets it from there. */
function withReferencedIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withReferencedIds);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withReferencedIds(item)] as const);
  return { ...('$ref' in value && { value: 'id' }), ...Object.fromEntries(entries) };
}

function renameKeys(value: unknown, isUpper: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, isUpper));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      isUpper ? key.toUpperCase() : key.toLowerCase(),
      renameKeys(item, isUpper),
    ]),
  );
}
