import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Debian's paths of Chromium. */
const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/**
 * The Chromium of CHROME_PATH, else an installed Chromium, else the Chromium of the npm package.
 */
export async function launched(): Promise<Browser> {
  const executablePath =
    process.env['CHROME_PATH'] ?? installed.find((path) => existsSync(path)) ?? (await ofRegistry());
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

async function ofRegistry(): Promise<string> {
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}
