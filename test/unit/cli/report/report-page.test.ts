import { describe, expect, it } from 'vitest';
import { html } from '../../../../cli/report/html.ts';
import { pageCss } from '../../../../cli/report/page-css.ts';
import { reportPage } from '../../../../cli/report/report-page.ts';
import { hostileName, hostileReport } from '../../../support/report-content.ts';

describe('the page of a report', () => {
  it('has no text of a provider as markup', () => {
    const page = reportPage(hostileReport());
    expect(page).not.toContain(hostileName);
    expect(page).not.toMatch(/<script|<img|onerror="/);
    expect(page.match(/<\/style>/g)).toHaveLength(2);
  });

  it('says how many rows it has of a long table', () => {
    const content = hostileReport();
    const [user] = content.report.users;
    if (user === undefined) throw new TypeError('The report has no users');
    const users = Array.from({ length: 1_200 }, () => user);
    const page = reportPage({ ...content, report: { ...content.report, users } });
    expect(page).toContain('The first 1000 of 1200. The report as CSV or JSON has all of them.');
  });

  it('says so if nobody has a role', () => {
    const content = hostileReport();
    const page = reportPage({ ...content, report: { ...content.report, environments: [] } });
    expect(page).toContain('Nobody has a role that the provider shows.');
  });

  it('escapes values in texts and attributes, and characters that mislead a reader', () => {
    expect(html`<a title="${'"><b>'}">${"&'\u202Eabc"}</a>${[html`<i>`, html`<u>`]}`.markup).toBe(
      '<a title="&quot;&gt;&lt;b&gt;">&amp;&#39;\\u202eabc</a><i>\n<u>',
    );
  });
});

/** The contrast of two colors (WCAG 2.2, 1.4.3). */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const digits = color.length === 4 ? color.replace(/[^#]/g, '$&$&') : color;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe.each([
  ['light', 0],
  ['dark', 1],
])('the %s colors of the page', (_, at) => {
  const block = pageCss.match(/:root \{[^}]*\}/g)?.[at] ?? '';
  const color = (name: string): string =>
    /#[0-9a-f]{3,6}/.exec(block.slice(block.indexOf(`--${name}:`)))?.[0] ?? '';

  it.each([
    ['text', 'page'],
    ['text', 'panel'],
    ['muted', 'page'],
    ['muted', 'panel'],
  ])('have enough contrast: %s on %s', (text, ground) => {
    expect(contrast(color(text), color(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['active', 'inactive'])('have enough contrast: figures on the bars of %s users', (bar) => {
    expect(contrast('#ffffff', color(bar))).toBeGreaterThanOrEqual(4.5);
  });

  it('have enough contrast: the focus', () => {
    expect(contrast(color('focus'), color('page'))).toBeGreaterThanOrEqual(3);
  });
});
