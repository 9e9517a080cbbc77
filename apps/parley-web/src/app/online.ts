import { useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** What the browser knows of a connection: no is certain, yes is a guess. */
export const useIsOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);
