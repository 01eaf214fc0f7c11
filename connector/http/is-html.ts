/** Whether a body is a web page, such as that of a proxy or a login. */
export function isHtml(text: string, contentType = ''): boolean {
  return /^\s*</.test(text) || contentType.includes('html');
}
