import { readTextAsset } from '../kit/read-asset.ts';

/** The body of a lambda in a Ruby file, and the comment at its top. */
export function readLambda(path: string): { readonly comment: string; readonly body: string } {
  const [, comment, body] =
    /^# frozen_string_literal: true\n\n((?:#.*\n)*)lambda do[^\n]*\n(.*)\nend\n$/s.exec(
      readTextAsset(`hosts/workato/${path}.rb`),
    ) ?? [];
  if (comment === undefined || body === undefined) throw new Error(`${path}.rb is not one lambda.`);
  return { comment, body };
}

/** Replaces each line `# include NAME` by the body of parts/NAME.rb, indented like the line. */
export function includeParts(ruby: string): string {
  return ruby.replace(/^( *)# include (\w+)$/gm, (_, indentation: string, name: string) =>
    readLambda(`parts/${name}`).body.replace(/^ {2}(?=.)/gm, indentation),
  );
}
