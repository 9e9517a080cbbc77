import { lazy, type ComponentType } from 'react';

/**
 * What is not needed to read and write is loaded when somebody wants it, or as soon as the page has nothing else to do: the first
 * look is not kept waiting, and the first press is not either.
 */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  const start = (): void => void load().catch(() => undefined);
  if (typeof window !== 'undefined') whenIdle(start);
  return lazy(async () => ({ default: await load() }));
}

const patienceMs = 4_000;

/** When nothing presses; where a browser cannot tell, after a while. */
export function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(work, { timeout: patienceMs });
  else setTimeout(work, patienceMs / 2);
}
