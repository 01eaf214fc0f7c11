import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage } from '../../../../cli/report/report-page.ts';
import { type BrowserPage, openBrowser } from '../../../support/open-browser.ts';
import { hostileName, hostileReport } from '../../../support/report-content.ts';

let page: BrowserPage;
let closeBrowser: () => Promise<void>;
const folder = mkdtempSync(join(tmpdir(), 'rolecall-page-'));
const url = pathToFileURL(join(folder, 'report.html')).href;
const requests: string[] = [];

beforeAll(async () => {
  writeFileSync(join(folder, 'report.html'), reportPage(hostileReport()));
  ({ page, close: closeBrowser } = await openBrowser());
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(url);
});

afterAll(async () => {
  await closeBrowser();
  rmSync(folder, { recursive: true });
});

describe('the page of a report in a browser', () => {
  it('shows what a provider sends as text, and runs none of it', async () => {
    expect(await page.title()).toBe(`Roles at https://scim.example.com/${hostileName}`);
    expect(await page.innerText('main')).toContain(hostileName);
    expect(await page.evaluate('document.querySelectorAll("script, img").length')).toBe(0);
    expect(await page.evaluate('document.querySelectorAll("style").length')).toBe(2);
  });

  it('requests nothing but itself', () => {
    expect(requests).toEqual([url]);
  });

  it.each([1280, 390])('fits a window of %i pixels, and draws its charts', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    const bars = await page.evaluate<number[]>(
      '[...document.querySelectorAll(".chart td")].map((bar) => Math.round(bar.getBoundingClientRect().width))',
    );
    const [active = 0, inactive = 0] = bars;
    expect(active).toBeGreaterThan(50);
    expect(active / inactive).toBeCloseTo(3, 0);
  });

  it('has the figures of each chart in a table, and lets the keyboard scroll it', async () => {
    const pairs = await page.evaluate(
      '[...document.querySelectorAll(".pair")].map((one) => one.querySelectorAll(".chart[role=img][aria-label], .scroll[tabindex] th[scope=row]").length > 1)',
    );
    expect(pairs).toEqual([true, true]);
    await page.evaluate('document.activeElement.blur()');
    const focused: string[] = [];
    for (let step = 0; step < 2; step += 1) {
      await page.keyboard.press('Tab');
      focused.push(await page.evaluate('document.activeElement.className'));
    }
    expect(focused).toEqual(['skip', 'scroll']);
  });
});
