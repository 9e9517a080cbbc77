import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where browsers stand that speak Chromium's protocol. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Why a test in a browser cannot be run here. */
export const noChromium = 'Chromium is not installed: apt-get install chromium, or name one in CHROMIUM_PATH';

/** @throws {Error} where CHROMIUM_PATH names what is not there. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM_PATH'];
  if (named === undefined || named === '') return usualPlaces.find((place) => existsSync(place));
  if (!existsSync(named)) throw new Error(`CHROMIUM_PATH ${named}: expected a browser, found nothing`);
  return named;
}

/** Without a screen, and as root without a sandbox, which it refuses there. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  // The small /dev/shm of a container is not enough for it.
  const args = ['--disable-dev-shm-usage', ...(isRoot ? ['--no-sandbox'] : [])];
  return await chromium.launch({ executablePath, args });
}
