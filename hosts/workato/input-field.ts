import type { Field } from '../../connector/definition/definition.ts';
import { labelWithUnit } from '../kit/label-with-unit.ts';
import { toHtml } from '../kit/to-html.ts';
import { definitionNamed } from './definition-named.ts';
import type { PickLists } from './pick-lists.ts';
import { code, printRuby, printText, type RubyValue, symbols } from './ruby.ts';
import { snakeCase } from './snake-case.ts';

/** The context of rendering a field. */
export interface RenderContext {
  readonly pickLists: PickLists;
  /** The resource type whose attributes are used. */
  readonly resource?: string | undefined;
  /** Whether it is outside any lambda, where methods cannot be called. */
  readonly isStatic?: boolean;
}

/** The label of a field: "Maximum response size (bytes)". */
export function labelOf({ title, unit }: Pick<Field, 'title' | 'unit'>): string {
  return labelWithUnit(title, unit);
}

/** Renders a field in Workato's schema format. */
export function inputField(field: Field, context: RenderContext): RubyValue {
  const { key, help, required, advanced, default: preset } = field;
  const common = {
    name: key,
    label: labelOf(field),
    optional: !required,
    sticky: !required && !advanced ? true : undefined,
    default: preset === undefined ? undefined : String(preset),
  };
  const hint = toHtml(help);
  if (field.pickList !== undefined) return choice(field, { ...common, hint }, context);
  switch (field.kind) {
    case 'boolean':
      return withText(
        { ...common, hint, type: 'boolean', control_type: 'checkbox' },
        'Allowed values: true, false.',
        context,
      );
    case 'integer':
      // No convert_input: "1.5" and "1e3" would become 1. The step converts the text, or rejects it.
      return symbols({ ...common, hint, type: 'integer', control_type: 'integer' });
    case 'decimal':
      return symbols({ ...common, hint, type: 'number', control_type: 'number' });
    case 'dateTime':
      return symbols({ ...common, hint, type: 'date_time', control_type: 'date_time' });
    case 'strings':
      return symbols({
        ...common,
        hint: `${hint} Separate multiple values with commas.`,
        type: 'string',
        control_type: 'text',
      });
    case 'reference':
      return symbols({ ...common, hint, type: 'object', properties: waysOf(field) });
    case 'references':
      return symbols({ ...common, hint, type: 'array', of: 'object', properties: waysOf(field) });
    case 'object':
    case 'objects':
      return symbols({ ...common, ...group(field, hint, context) });
    default:
      return symbols({ ...common, hint, type: 'string', control_type: controlType(field) });
  }
}

type Properties = Readonly<Record<string, RubyValue | undefined>>;

function controlType({ secret, kind }: Field): string {
  if (secret) return 'password';
  return kind === 'text' ? 'text-area' : 'text';
}

function choice(field: Field, common: Properties, context: RenderContext): RubyValue {
  const { custom, pickList = [] } = field;
  const values = pickList.map(({ value }) => value).join(', ');
  return withText(
    {
      ...common,
      type: 'string',
      control_type: 'select',
      pick_list: context.pickLists.nameOf(field, context.resource),
    },
    toHtml(custom ? `Examples: ${values}. Custom values are allowed.` : `Allowed values: ${values}.`),
    context,
  );
}

/** The maximum indentation of a field: its long texts are broken to fit. */
const deepest = 14;

/** A pick-list with a toggle to text, so that a datapill can be mapped. */
function withText(field: Properties, hint: string, { isStatic = false }: RenderContext): RubyValue {
  if (!isStatic) {
    const [printed, text] = [printRuby(symbols(field), deepest), printRuby(hint, deepest, '}, '.length)].map(
      (ruby) => ruby.replaceAll(`\n${' '.repeat(deepest)}`, '\n'),
    );
    return code(`call('with_text', ${printed}, ${text})`);
  }
  // A field that determines other fields accepts no datapill.
  const { name, label, optional } = field;
  const text = { name, label, optional, type: 'string', control_type: 'plain-text', hint };
  return symbols({
    ...field,
    toggle_hint: 'Select from list',
    toggle_field: symbols({ ...text, toggle_hint: 'Enter value' }),
  });
}

/**
 * The fields that identify a resource. All are shown, because one of them is required. An ID can be selected from those
 * of the provider.
 */
export function referenceWays({ fields = [] }: Field, context: RenderContext, list?: string): RubyValue {
  return fields.map((way) => {
    const { key, help } = way;
    const common = { name: key, label: labelOf(way), optional: true, sticky: true, hint: toHtml(help) };
    return key === 'id' && list !== undefined
      ? withText(
          { ...common, type: 'string', control_type: 'select', pick_list: list },
          toHtml(help),
          context,
        )
      : inputField({ ...way, required: false, advanced: false }, context);
  });
}

function waysOf({ resource = '' }: Field): RubyValue {
  return definitionNamed(`${snakeCase(resource)}_reference`);
}

/** A group of fields, by the schema of an attribute; JSON if the schema is unknown. */
function group(field: Field, hint: string, context: RenderContext): Properties {
  const isList = field.kind === 'objects';
  if (field.fields === undefined) {
    const form = isList ? 'a list of objects' : 'an object';
    return { hint: `${hint} Enter ${form} as JSON.`, type: 'string', control_type: 'text-area' };
  }
  const { resource } = context;
  const properties =
    field.attribute !== undefined && resource !== undefined
      ? code(`call('sub_fields', ${printText(resource)}, ${printText(field.attribute)})`)
      : field.fields.map((one) => inputField(one, context));
  if (!isList) return { hint, type: 'object', properties };
  return {
    hint,
    type: 'array',
    of: 'object',
    list_mode: hasFewValues(field) ? 'static' : undefined,
    properties,
  };
}

/** Whether values are entered one by one, until a switch: those of an attribute, but not references to many resources. */
function hasFewValues({ attribute, fields = [] }: Field): boolean {
  return attribute !== undefined && !fields.some(({ identifies }) => identifies !== undefined);
}
