import { SamlError } from './saml-error.ts';

/** An element of a document that {@link readXml} read. */
export interface XmlElement {
  /** The name without its prefix. */
  readonly name: string;
  /** The URI of the namespace; empty without a namespace. */
  readonly namespace: string;
  /** Attributes by name: `ID`, or `{namespace}name` if they have a prefix. Without declarations. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text between its own tags, without that of its children. */
  readonly text: string;
  readonly parent: XmlElement | undefined;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
  readonly parent: OpenElement | undefined;
  readonly qualifiedName: string;
  readonly prefixes: ReadonlyMap<string, string>;
}

const space = '[ \\t\\r\\n]';
const qualifiedName = '[A-Za-z_][\\w.-]*(?::[A-Za-z_][\\w.-]*)?';
const quoted = `"[^"<]*"|'[^'<]*'`;
const declaration = new RegExp(`^<\\?xml${space}[^?<>]*\\?>`);
const encoding = new RegExp(`${space}encoding${space}*=${space}*["']([^"']*)["']`);
const startTag = new RegExp(
  `<(${qualifiedName})((?:${space}+${qualifiedName}${space}*=${space}*(?:${quoted}))*)${space}*(/?)>`,
  'y',
);
const endTag = new RegExp(`</(${qualifiedName})${space}*>`, 'y');
const attribute = new RegExp(`(${qualifiedName})${space}*=${space}*(${quoted})`, 'g');
const text = /[^<]+/y;
const reference = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));|&/g;
const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

// Characters that XML 1.0 §2.2 forbids in a document.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to find
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

const maxDepth = 64;
const maxElements = 10_000;
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';

/**
 * Strictly reads the part of XML that a SAML response needs: elements, attributes, text, and the references that
 * XML itself defines. Rejects document types, comments, CDATA, and processing instructions, because parsers differ
 * in how they interpret them, and attacks exploit such differences.
 *
 * @throws SamlError for everything else.
 */
export function readXml(source: string): XmlElement {
  const xml = source.replace(/^\ufeff/, '');
  if (forbidden.test(xml)) throw malformed('it has a character that XML forbids');
  let at = skipDeclaration(xml);
  let root: OpenElement | undefined;
  let open: OpenElement | undefined;
  let elements = 0;
  while (at < xml.length) {
    const start = match(startTag, xml, at);
    if (start !== undefined) {
      elements += 1;
      if (elements > maxElements) throw malformed(`it has more than ${maxElements} elements`);
      if (open === undefined && root !== undefined) throw malformed('it has more than one root');
      const element = openElement(start[1] ?? '', start[2] ?? '', open);
      root ??= element;
      open?.children.push(element);
      if (start[3] === '') open = element;
      at = startTag.lastIndex;
      continue;
    }
    const end = match(endTag, xml, at);
    if (end !== undefined) {
      if (open === undefined || open.qualifiedName !== end[1]) throw malformed('its tags do not match');
      open = open.parent;
      at = endTag.lastIndex;
      continue;
    }
    const run = match(text, xml, at)?.[0];
    if (run === undefined) throw unexpected(xml.slice(at, at + 9));
    if (open !== undefined) open.text += unescapeText(run);
    else if (run.trim() !== '') throw malformed('it has text outside its root');
    at = text.lastIndex;
  }
  if (root === undefined || open !== undefined) throw malformed('it ends too early');
  return root;
}

/** All elements in document order, the root first. */
export function* walkXml(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* walkXml(child);
}

function match(pattern: RegExp, xml: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(xml) ?? undefined;
}

function skipDeclaration(xml: string): number {
  const found = declaration.exec(xml)?.[0];
  if (found === undefined) return 0;
  const charset = encoding.exec(found)?.[1] ?? 'UTF-8';
  if (charset.toUpperCase() !== 'UTF-8') throw malformed('its encoding is not UTF-8');
  return found.length;
}

function openElement(name: string, attributes: string, parent: OpenElement | undefined): OpenElement {
  const prefixes = new Map(parent?.prefixes ?? [['xml', xmlNamespace]]);
  const given: [string, string][] = [];
  for (const [, key = '', value = ''] of attributes.matchAll(attribute)) {
    const content = unescapeAttribute(value.slice(1, -1));
    if (key === 'xmlns') prefixes.set('', content);
    else if (key.startsWith('xmlns:')) prefixes.set(key.slice('xmlns:'.length), content);
    given.push([key, content]);
  }
  if (new Set(given.map(([key]) => key)).size < given.length) throw malformed('an attribute is repeated');
  const expanded = new Map<string, string>();
  for (const [key, value] of given) {
    if (key === 'xmlns' || key.startsWith('xmlns:')) continue;
    const { namespace, local } = resolve(key, prefixes, false);
    const whole = namespace === '' ? local : `{${namespace}}${local}`;
    if (expanded.has(whole)) throw malformed('an attribute is repeated');
    expanded.set(whole, value);
  }
  let depth = 1;
  for (let above = parent; above !== undefined; above = above.parent) depth += 1;
  if (depth > maxDepth) throw malformed(`it nests deeper than ${maxDepth} elements`);
  const { namespace, local } = resolve(name, prefixes, true);
  return {
    name: local,
    namespace,
    attributes: expanded,
    children: [],
    text: '',
    parent,
    qualifiedName: name,
    prefixes,
  };
}

// Namespaces in XML 1.0 §6.2: the default namespace is that of elements, and of no attribute.
function resolve(name: string, prefixes: ReadonlyMap<string, string>, takesDefault: boolean) {
  const colon = name.indexOf(':');
  if (colon === -1) return { namespace: takesDefault ? (prefixes.get('') ?? '') : '', local: name };
  const namespace = prefixes.get(name.slice(0, colon));
  if (namespace === undefined || namespace === '') throw malformed('a prefix is declared nowhere');
  return { namespace, local: name.slice(colon + 1) };
}

// XML 1.0 §2.11 normalizes each line end to one line feed, §3.3.3 to a space in an attribute.
function unescapeText(value: string): string {
  if (value.includes(']]>')) throw malformed('its text has "]]>"');
  return unescapeReferences(value.replace(/\r\n?/g, '\n'));
}

function unescapeAttribute(value: string): string {
  return unescapeReferences(value.replace(/\r\n|[\t\r\n]/g, ' '));
}

function unescapeReferences(value: string): string {
  if (!value.includes('&')) return value;
  return value.replace(reference, (_, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return predefined[name] ?? '';
    const code = decimal !== undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex ?? '', 16);
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    if (Number.isNaN(code) || code > 0x10ffff || isSurrogate) throw malformed('it has an unknown reference');
    const character = String.fromCodePoint(code);
    if (forbidden.test(character)) throw malformed('it has a character that XML forbids');
    return character;
  });
}

function unexpected(ahead: string): SamlError {
  if (ahead.startsWith('<!DOCTYPE')) {
    return new SamlError(
      'doctype',
      'The SAML response has a document type declaration, which SAML forbids. Send it without one.',
    );
  }
  if (ahead.startsWith('<!') || ahead.startsWith('<?')) {
    return malformed('it has a comment, a CDATA section or a processing instruction');
  }
  return malformed('it is not well-formed XML');
}

function malformed(what: string): SamlError {
  return new SamlError(
    'malformed',
    `The SAML response cannot be read: ${what}. Check that the identity provider posts it unchanged.`,
  );
}
