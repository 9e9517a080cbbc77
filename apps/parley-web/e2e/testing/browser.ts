import { findChromium, noChromium } from '@crossfade/local-chromium';
import { beforeEach } from 'vitest';

/** Without one, nothing of a file can be run, and each of its tests says so. */
export const hasBrowser = findChromium() !== undefined;

/** To be called before anything else of a file. */
export function needBrowser(): void {
  beforeEach(({ skip }) => skip(!hasBrowser, noChromium));
}
