import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installPackages } from '../../scripts/suites/install-packages.ts';
import { installServices } from '../../scripts/suites/install-services.ts';

/** The part of a page of Playwright that is used. */
export interface BrowserPage {
  goto(url: string): Promise<unknown>;
  title(): Promise<string>;
  innerText(selector: string): Promise<string>;
  evaluate<T>(script: string): Promise<T>;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  on(event: 'request', listener: (request: { url(): string }) => void): void;
  readonly keyboard: { press(key: string): Promise<void> };
}

interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<{
      newPage(): Promise<BrowserPage>;
      close(): Promise<void>;
    }>;
  };
}

/** Opens a page in Debian's Chromium. */
export async function openBrowser(): Promise<{ page: BrowserPage; close(): Promise<void> }> {
  const load = createRequire(join(installPackages('n8n-marketplace'), 'package.json'));
  const { chromium } = load('playwright-core') as Playwright;
  const browser = await chromium.launch({
    executablePath: installServices().chromium,
    // Chromium's sandbox does not run as root.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  return { page: await browser.newPage(), close: () => browser.close() };
}
