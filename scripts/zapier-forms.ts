import type { AuthField } from '../hosts/zapier/form/auth-fields.ts';
import type { ZapierField } from '../hosts/zapier/form/zapier-field.ts';
import type { ZapierApp } from '../hosts/zapier/runtime/create-app.ts';

/** A field, or a function that returns fields. */
type Shown = ZapierField | AuthField | ((...given: never[]) => unknown);

/** The forms of the Zapier app as text, one line for each field. A golden file has them: users' Zaps hold the keys. */
export function zapierForms({
  authentication,
  triggers,
  creates,
  searches,
  searchOrCreates,
}: ZapierApp): string {
  const entries = Object.entries({ triggers, creates, searches }).flatMap(([kind, all]) =>
    Object.values(all).map(({ key, display, operation }) => [
      `${kind} ${key}: ${display.label}`,
      ...('inputFields' in operation
        ? (operation.inputFields as readonly Shown[]).flatMap((field) => lines(field))
        : []),
    ]),
  );
  const pairs = Object.values(searchOrCreates).map(({ search, create, display }) => [
    `searchOrCreates ${search}, ${create}: ${display.label}`,
  ]);
  const connection = ['authentication', ...authentication.fields.flatMap((field) => lines(field))];
  return [connection, ...entries, ...pairs].map((block) => `${block.join('\n')}\n`).join('\n');
}

function lines(
  field: ZapierField | AuthField | ((...given: never[]) => unknown),
  indent = '  ',
): readonly string[] {
  if (typeof field === 'function') return [`${indent}(fields that depend on the connection or the form)`];
  const {
    key,
    label,
    type = 'list',
    required,
    list,
    default: preset,
    choices,
    dynamic,
    search,
    children,
  } = field;
  const traits = [
    type,
    required === true && 'required',
    list && 'list',
    preset !== undefined && `default ${preset}`,
    choices && `one of ${choices.map(({ value }) => value).join(', ')}`,
    dynamic && `from ${dynamic}`,
    search && `search ${search}`,
  ];
  return [
    `${indent}${key}: ${label} (${traits.filter((trait) => typeof trait === 'string').join('; ')})`,
    ...(children ?? []).flatMap((child) => lines(child, `${indent}  `)),
  ];
}
