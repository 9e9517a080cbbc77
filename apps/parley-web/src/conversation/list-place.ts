import { isHeading } from '../timeline/rows.ts';

/** Where a reader is in a list: at its end, or with a certain row so far below the upper edge. */
export type Place =
  | { readonly kind: 'end' }
  | { readonly kind: 'row'; readonly key: string; readonly offsetPx: number };

/** What is asked of a list, whichever it is. */
export interface ListHandle {
  toEnd(): void;
  /** Into the middle. False where that row is not here. */
  toRow(key: string): boolean;
}

/** So near to the end counts as being there. */
export const nearEndPx = 48;
/** So near to what is not loaded, it is asked for. */
export const loadWithinPx = 2_500;

const isNearEnd = (scroller: HTMLElement): boolean =>
  scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= nearEndPx;

/**
 * The first message that is in sight. The end of what is here is not the end while something comes after it: whoever followed it
 * would be led through all of it, a part at a time.
 */
export function placeIn(scroller: HTMLElement, hasAfter: boolean): Place {
  if (!hasAfter && isNearEnd(scroller)) return { kind: 'end' };
  const top = scroller.getBoundingClientRect().top;
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-row]')) {
    const box = row.getBoundingClientRect();
    const key = row.dataset['row'] ?? '';
    if (box.bottom > top + 1 && !isHeading(key)) return { kind: 'row', key, offsetPx: box.top - top };
  }
  return { kind: 'end' };
}

/** Puts the reader there again. False where that row is gone. */
export function restorePlace(scroller: HTMLElement, place: Place): boolean {
  if (place.kind === 'end') {
    scroller.scrollTop = scroller.scrollHeight;
    return true;
  }
  const row = scroller.querySelector(`[data-row="${CSS.escape(place.key)}"]`);
  if (row === null) return false;
  const isAt = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  const by = isAt - place.offsetPx;
  if (Math.abs(by) > 0.5) scroller.scrollTop += by;
  return true;
}

/** A list that has not moved for so many frames has come to rest; after so many at all, it is left where it is. */
const restFrames = 8;
const mostFrames = 60;

/** Heights become known as rows come into sight: the reader is put there again until nothing moves any more, or they scroll. */
export function settle(scroller: HTMLElement, put: () => void): void {
  const stop = new AbortController();
  for (const event of ['wheel', 'touchstart', 'pointerdown', 'keydown'])
    scroller.addEventListener(event, () => stop.abort(), { signal: stop.signal, passive: true });
  let rest = 0;
  let frames = 0;
  const step = (): void => {
    if (stop.signal.aborted || !scroller.isConnected) return;
    const before = scroller.scrollTop;
    put();
    rest = Math.abs(scroller.scrollTop - before) > 0.5 ? 0 : rest + 1;
    frames += 1;
    if (rest < restFrames && frames < mostFrames) requestAnimationFrame(step);
    else stop.abort();
  };
  step();
}
