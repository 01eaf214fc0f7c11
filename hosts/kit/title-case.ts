/** Words that stay lower case within a title, as in the style guides of n8n and Zapier. */
const smallWords: ReadonlySet<string> = new Set(
  'a an and as at because but by en for if in neither nor of on only or over per so some than that the to up upon v versus via vs when with without yet'.split(
    ' ',
  ),
);

/** "Create or update user" → "Create or Update User"; words with capitals do not change. */
export function titleCase(text: string): string {
  const words = text.split(' ');
  return words
    .map((word, index) => {
      const isInner = index > 0 && index < words.length - 1;
      if ((isInner && smallWords.has(word)) || word.includes('=')) return word;
      return word
        .split('-')
        .map((part) => part.replace(/^\(?./, (first) => first.toUpperCase()))
        .join('-');
    })
    .join(' ');
}

/** "Users" → "User", "Email addresses" → "Email address". */
export function singular(text: string): string {
  return text.replace(/(ss)es$/, '$1').replace(/([^s])s$/, '$1');
}
