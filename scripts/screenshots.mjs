// Takes the screenshots in docs/images/ from pages of the embedded estate. Look at each screenshot
// before you commit it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const program = fileURLToPath(new URL('../bin/aurora-kms-check.js', import.meta.url));
const images = fileURLToPath(new URL('../docs/images/', import.meta.url));

/** The command that makes each page, and how the screenshot shows the page. */
const shots = [
  { name: 'audit', args: ['audit', '--demo=estate', '--wide-restore', '20'], look: 'light', width: 1280, height: 1400 },
  {
    name: 'audit-dark',
    args: ['audit', '--demo=estate', '--wide-restore', '20'],
    look: 'dark',
    width: 1280,
    height: 1400,
  },
  {
    name: 'audit-narrow',
    args: ['audit', '--demo=estate', '--wide-restore', '20'],
    look: 'light',
    width: 320,
    height: 1400,
  },
  { name: 'who-can', args: ['who-can', 'restore', '--demo=estate'], look: 'light', width: 1280, height: 1400 },
  {
    name: 'key-impact',
    args: ['key-impact', 'alias/orders', '--demo=estate'],
    look: 'light',
    width: 1280,
    height: 1200,
  },
];

/** Debian's paths of Chromium. Without any of them, the Chromium of the npm package is used. */
const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser'];

async function chromiumPath() {
  const known = process.env['CHROME_PATH'] ?? installed.find((path) => existsSync(path));
  if (known !== undefined) return known;
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}

const folder = mkdtempSync(join(tmpdir(), 'aurora-kms-check-'));
mkdirSync(images, { recursive: true });
const browser = await chromium.launch({ executablePath: await chromiumPath(), args: ['--no-sandbox'] });
try {
  for (const { name, args, look, width, height } of shots) {
    const file = join(folder, `${name}.html`);
    spawnSync(process.execPath, [program, ...args, '--quiet', '--report', `html=${file}`], { stdio: 'inherit' });
    const context = await browser.newContext({ colorScheme: look, viewport: { width, height } });
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    await page.screenshot({ path: join(images, `${name}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
