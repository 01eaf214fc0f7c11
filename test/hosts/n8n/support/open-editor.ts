import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installPackages } from '../../../../scripts/suites/install-packages.ts';
import { installServices } from '../../../../scripts/suites/install-services.ts';
import type { RunningN8n } from './start-n8n.ts';

/** The part of Playwright that is used; it is installed next to n8n's own tools. */
interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<{
      newPage(options: { viewport: { width: number; height: number } }): Promise<Page>;
      close(): Promise<void>;
    }>;
  };
}

/** The part of a page that is used. */
export interface Page {
  goto(url: string): Promise<unknown>;
  getByText(text: string, options?: { exact?: boolean }): Locator;
  locator(selector: string): Locator;
  readonly keyboard: { press(key: string): Promise<void> };
  screenshot(options: { path: string }): Promise<unknown>;
}

/** The part of a locator that is used. */
export interface Locator {
  first(): Locator;
  locator(selector: string): Locator;
  click(): Promise<void>;
  dblclick(): Promise<void>;
  fill(text: string): Promise<void>;
  waitFor(options?: { state?: 'visible' | 'hidden' }): Promise<void>;
  innerText(): Promise<string>;
}

/** n8n's editor, in a browser of Debian's, with its owner logged in. */
export async function openEditor({
  url,
  owner,
}: RunningN8n): Promise<{ page: Page; close(): Promise<void> }> {
  const load = createRequire(join(installPackages('n8n-marketplace'), 'package.json'));
  const { chromium } = load('playwright-core') as Playwright;
  const browser = await chromium.launch({
    executablePath: installServices().chromium,
    // Chromium's sandbox does not run as root.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
  await page.goto(`${url}/signin`);
  await page.locator('input[autocomplete="email"], input[type="email"]').first().fill(owner.email);
  await page.locator('input[type="password"]').first().fill(owner.password);
  await page.keyboard.press('Enter');
  // The login is over when its form is gone.
  await page.locator('input[type="password"]').first().waitFor({ state: 'hidden' });
  return { page, close: () => browser.close() };
}

/** Opens the form of a node. */
export async function openForm(
  page: Page,
  { url }: RunningN8n,
  { workflowId, node, label }: { readonly workflowId: string; readonly node: string; readonly label: string },
): Promise<string> {
  await page.goto(`${url}/workflow/${workflowId}`);
  await page.locator(`[data-node-name="${node}"]`).first().dblclick();
  await page.getByText(label, { exact: true }).first().waitFor();
  // Collections are drawn after the rest.
  await page.getByText('Loading fields...').first().waitFor({ state: 'hidden' });
  return page.locator('body').innerText();
}
