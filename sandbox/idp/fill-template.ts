import { isJsonArray, isJsonObject, type Json, type JsonDraft, type JsonObject } from '../../scim/json.ts';

/** The values of a template's placeholders; undefined omits the member that contains the placeholder. */
export type TemplateValues = Readonly<Record<string, Json | undefined>>;

const whole = /^\{(\w+)\}$/;
const inner = /\{(\w+)\}/g;

/**
 * Fills the body of a request from its table:
 *
 * - `"{name}"` alone is the value, whatever its type; within other text it is the value's text;
 * - `{ $each: "list", as: template }` in an array becomes one item per list entry, whose members are values too;
 * - `{ $over: "name", put: template }` is the value with the template laid over it, object by object;
 * - an object without members is omitted.
 */
export function fillTemplate(template: Json, values: TemplateValues): Json | undefined {
  if (typeof template === 'string') return fillText(template, values);
  if (isJsonArray(template)) return template.flatMap((item) => fillItems(item, values));
  if (!isJsonObject(template)) return template;
  if (typeof template.$over === 'string') {
    return overlay(values[template.$over], fillTemplate(template.put ?? {}, values));
  }
  const filled: JsonDraft = {};
  for (const [key, part] of Object.entries(template)) {
    const value = fillTemplate(part, values);
    if (value !== undefined) filled[key] = value;
  }
  const isEmptied = Object.keys(filled).length === 0 && Object.keys(template).length > 0;
  return isEmptied ? undefined : filled;
}

/** Fills a path. Values are quoted for a filter (RFC 7644 §3.4.2.2) and escaped for a URL. */
export function fillPath(path: string, values: TemplateValues): string {
  return path.replace(inner, (_, name: string) => {
    const text = String(values[name] ?? '').replace(/["\\]/g, '\\$&');
    return encodeURIComponent(text);
  });
}

function fillText(text: string, values: TemplateValues): Json | undefined {
  const name = whole.exec(text)?.[1];
  if (name !== undefined) return values[name];
  return text.replace(inner, (_, part: string) => String(values[part] ?? ''));
}

function fillItems(item: Json, values: TemplateValues): readonly Json[] {
  if (isJsonObject(item) && typeof item.$each === 'string') {
    const list = values[item.$each];
    const items = isJsonArray(list) ? list : [];
    return items.flatMap((member) =>
      fillItems(item.as ?? null, { ...values, ...(isJsonObject(member) ? member : { item: member }) }),
    );
  }
  const filled = fillTemplate(item, values);
  return filled === undefined ? [] : [filled];
}

function overlay(base: Json | undefined, top: Json | undefined): Json | undefined {
  if (top === undefined) return base;
  if (!isJsonObject(base) || !isJsonObject(top)) return top;
  const merged: JsonDraft = { ...base };
  for (const [key, value] of Object.entries(top)) merged[key] = overlay(base[key], value) ?? value;
  return merged satisfies JsonObject;
}
