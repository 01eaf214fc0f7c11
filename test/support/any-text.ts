import fc from 'fast-check';

/** Any string that a JavaScript program can hold: quotes, backslashes, control characters, lone surrogates. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      {
        arbitrary: fc.constantFrom('"', '\\', '\n', '\u0000', '\u2028', '*', '%', ' ', 'İ', 'ß', '😀'),
        weight: 2,
      },
      { arbitrary: fc.string({ maxLength: 3 }), weight: 2 },
      { arbitrary: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), weight: 1 },
      {
        arbitrary: fc.constantFrom('\ud800', '\udfff', '\\"', '" or userName pr or "', '\\u0041'),
        weight: 1,
      },
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));
