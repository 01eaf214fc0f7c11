import { expect, it } from 'vitest';
import { z } from 'zod';
import { shortInput, shortOutput } from '../../../hosts/mcp/short-schema.ts';
import { definition } from '../../support/open-test-session.ts';

it.each(definition.actions.map((action) => [action.key, action] as const))(
  '%s has a short schema that accepts its samples',
  (_, action) => {
    const accepts = (schema: object, value: unknown): unknown =>
      z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value).error;

    expect(accepts(shortInput(action), action.sampleInput)).toBeUndefined();
    expect(accepts(shortOutput(action), action.sample)).toBeUndefined();
    if (action.nullable) expect(accepts(shortOutput(action), null)).toBeUndefined();
  },
);

it.each(definition.actions.map((action) => [action.key, action] as const))(
  '%s has a short schema with every required field',
  (_, action) => {
    const { properties = {}, required = [] } = shortInput(action);

    expect(required).toEqual(action.input.required ?? []);
    expect(Object.keys(properties)).toEqual(expect.arrayContaining([...required]));
  },
);
