import { type Interceptors, isResponse } from '../scim/service/interceptors.ts';

/** Combines several sets of interceptors into one: each receives the result of the previous one. */
export function composeInterceptors(all: readonly Interceptors[]): Interceptors {
  const each = <Key extends keyof Interceptors>(key: Key): NonNullable<Interceptors[Key]>[] =>
    all.flatMap((one) => one[key] ?? []);
  const composed: { readonly [Key in keyof Interceptors]?: Interceptors[Key] | undefined } = {
    request: anyOf(each('request'), (functions) => (request) => {
      let taken = request;
      for (const intercept of functions) {
        const next = intercept(taken);
        if (isResponse(next)) return next;
        taken = next;
      }
      return taken;
    }),
    query: chain(each('query')),
    searched: chain(each('searched')),
    write: chain(each('write')),
    attributes: chain(each('attributes')),
    unchanged: notifyAll(each('unchanged')),
    list: chain(each('list')),
    deletes: anyOf(
      each('deletes'),
      (functions) => (attributes, type) => functions.some((deletes) => deletes(attributes, type)),
    ),
    lastModified: chain(each('lastModified')),
    newId: each('newId').at(-1),
    committed: notifyAll(each('committed')),
    resource: chain(each('resource')),
    configuration: chain(each('configuration')),
    error: chain(each('error')),
    response: chain(each('response')),
  };
  // A service calls only the functions that exist, so unused ones cost nothing.
  return Object.fromEntries(Object.entries(composed).filter(([, one]) => one !== undefined));
}

function anyOf<F>(functions: readonly F[], compose: (functions: readonly F[]) => F): F | undefined {
  return functions.length < 2 ? functions[0] : compose(functions);
}

function chain<Value, Rest extends readonly unknown[]>(
  functions: readonly ((value: Value, ...rest: Rest) => Value)[],
): ((value: Value, ...rest: Rest) => Value) | undefined {
  return anyOf(
    functions,
    () =>
      (value, ...rest) =>
        functions.reduce((current, transform) => transform(current, ...rest), value),
  );
}

function notifyAll<Value>(
  functions: readonly ((value: Value) => void)[],
): ((value: Value) => void) | undefined {
  return anyOf(functions, () => (value) => {
    for (const notify of functions) notify(value);
  });
}
