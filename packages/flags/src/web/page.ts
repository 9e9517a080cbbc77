import type { AnswerStorage } from './answer-cache.ts';

/** What a page tells of itself. Where there is none (a test, a server that renders pages), it is always in sight. */
export interface Page {
  isHidden(): boolean;
  /** Calls back when the page comes into sight or goes out of it, and when the network is there again. Returns how to stop. */
  onChange(callback: () => void): () => void;
}

interface EventTarget {
  addEventListener(type: string, callback: () => void): void;
  removeEventListener(type: string, callback: () => void): void;
}

/** The parts of a browser that are used here; elsewhere they are missing. */
const browser = globalThis as {
  readonly document?: EventTarget & { readonly visibilityState: string };
  readonly window?: EventTarget & { readonly localStorage: AnswerStorage };
};

/** The page that this runs in. */
export function thisPage(): Page {
  const { document, window } = browser;
  if (document === undefined || window === undefined) {
    return { isHidden: () => false, onChange: () => () => undefined };
  }
  return {
    isHidden: () => document.visibilityState === 'hidden',
    onChange(callback) {
      document.addEventListener('visibilitychange', callback);
      window.addEventListener('online', callback);
      return () => {
        document.removeEventListener('visibilitychange', callback);
        window.removeEventListener('online', callback);
      };
    },
  };
}

/** The browser's; undefined where a page may store nothing, which to look at is an error there. */
export function localStorageOf(): AnswerStorage | undefined {
  try {
    return browser.window?.localStorage;
  } catch {
    return undefined;
  }
}
