import type { SourceDeclaration } from '../manifest/source.zod.ts';
import type { CompileContext } from './compile-context.ts';
import { compileFields } from './compile-fields.ts';
import type { SourceDefinition } from './definition.ts';
import { objectOf } from './object-of.ts';
import { typeName } from './type-name.ts';

/** Compiles the settings of an event source, and those of its subscription API. */
export function compileSource(context: CompileContext, declared: SourceDeclaration): SourceDefinition {
  const { type, title, description, setup, sampleInput, subscription } = declared;
  const path = `sources.${type}`;
  const fields = compileFields(context, declared.fields, path);
  const withSubscription =
    subscription && compileFields(context, subscription.fields, `${path}.subscription`, undefined, fields);
  return {
    type,
    title,
    description,
    setup,
    fields,
    settings: { ...objectOf(fields), 'x-name': typeName(type, 'Settings'), title, description },
    sampleInput,
    ...(withSubscription !== undefined && {
      subscription: {
        fields: withSubscription.slice(fields.length),
        settings: objectOf(withSubscription),
      },
    }),
  };
}
