/** Words that stay small within a title, as n8n's own linter has them. */
const smallWords: ReadonlySet<string> = new Set(
  'a an and as at because but by en for if in neither nor of on only or over per so some than that the to up upon v versus via vs when with without yet'.split(
    ' ',
  ),
);

/** "Create or update user" → "Create or Update User"; words with capitals of their own stay as they are. */
export function titleCase(text: string): string {
  const words = text.split(' ');
  return words
    .map((word, index) => {
      const isInner = index > 0 && index < words.length - 1;
      if (isInner && smallWords.has(word)) return word;
      return word
        .split('-')
        .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
        .join('-');
    })
    .join(' ');
}

/** "Users" → "User": n8n names the kinds of things that a node works on in the singular. */
export function singular(text: string): string {
  return text.endsWith('s') ? text.slice(0, -1) : text;
}

/** A sentence as n8n names what a node does: small letters after the first, but for words such as SCIM. */
export function sentenceCase(text: string): string {
  const words = text.split(' ').map((word) => (word === word.toUpperCase() ? word : word.toLowerCase()));
  const sentence = words.join(' ');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** A help text as n8n writes them: one sentence has no full stop, several have; an ID is written large. */
export function helpText(text: string): string {
  const spelt = text.replace(/\bid(s?)\b/g, 'ID$1');
  const isOne = !/[.?!]['")]?\s/.test(spelt.slice(0, -1));
  return isOne ? spelt.replace(/\.$/, '') : spelt;
}

/** The help of a switch, which n8n wants to begin with "Whether". */
export function switchText(text: string): string {
  if (/^whether /i.test(text)) return helpText(text);
  // "Tells", as a source does, is "to tell".
  const bare = text.replace(/^(\w+[^s\W])s\b/, '$1');
  return helpText(`Whether to ${bare.charAt(0).toLowerCase()}${bare.slice(1)}`);
}

/** `scim_role` → `scimRole`. */
export function camelCase(text: string): string {
  return text
    .replace(/[^A-Za-z0-9]+(.)?/g, (_, letter: string | undefined) => (letter ?? '').toUpperCase())
    .replace(/^./, (first) => first.toLowerCase());
}
