/**
 * Creates a function that replaces secrets in the text of a provider or proxy: in plain form; with the escapes of URLs,
 * HTML, and JSON; and as base64, alone or within a longer text.
 */
export function createRedactor(secrets: readonly string[], mask = '[secret]'): (text: string) => string {
  let pattern: RegExp | undefined;
  return (text) => {
    // Most connections never need it. A longer secret can contain a shorter one.
    pattern ??= new RegExp(
      secrets
        .toSorted((one, other) => other.length - one.length)
        .map(patternOf)
        .join('|'),
      'g',
    );
    return text.replace(pattern, () => mask);
  };
}

/** A shorter piece of base64 would match other text by chance. */
const shortestBase64 = 8;
const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const namedEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** JSON writes some characters with a backslash, which a URL encodes. */
const backslash = '(?:\\\\|%(?:25)*5[cC])';

function patternOf(secret: string): string {
  const escaped = Array.from(secret, (character) => `${backslash}?(?:${formsOf(character).join('|')})`).join(
    '',
  );
  return [...base64Forms(secret), escaped].join('|');
}

/** The spellings of one character, as patterns. */
function formsOf(character: string): readonly string[] {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at).toString(16));
  const bytes = Array.from(new TextEncoder().encode(character), (byte) => byte.toString(16).padStart(2, '0'));
  const entity = namedEntities[character];
  return [
    // First, since a backslash or an ampersand also begins an escape.
    ...(entity === undefined ? [] : [entity]),
    quoted(character),
    // A redirect can encode a URL again, and with it each percent sign.
    bytes.map((byte) => `%(?:25)*${anyCase(byte)}`).join(''),
    units.map((unit) => `\\\\u${anyCase(unit.padStart(4, '0'))}`).join(''),
    `&#0*${Number.parseInt(hex, 16)};`,
    `&#[xX]0*${anyCase(hex)};`,
  ];
}

/** The base64 forms of a secret within any text: they depend on the number of preceding bytes, modulo three. */
function base64Forms(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((before) => {
    const bits = [...new Uint8Array(before), ...bytes]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('');
    // Characters that also hold bits of the text around the secret are omitted.
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(bits.length / 6);
    const characters = Array.from({ length: Math.max(0, to - from) }, (_, at) => {
      const index = Number.parseInt(bits.slice((from + at) * 6, (from + at + 1) * 6), 2);
      return base64Alphabet[index] ?? '';
    });
    if (characters.length < shortestBase64) return [];
    // base64url (RFC 4648 §5) encodes two values differently.
    return [characters.map((one) => (one === '+' ? '[+-]' : one === '/' ? '\\\\?[/_]' : one)).join('')];
  });
}

function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
