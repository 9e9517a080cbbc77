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
export const loadWithinPx = 1_200;

export const isNearEnd = (scroller: HTMLElement): boolean =>
  scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= nearEndPx;

/** The first row that is in sight. */
export function placeIn(scroller: HTMLElement): Place {
  if (isNearEnd(scroller)) return { kind: 'end' };
  const top = scroller.getBoundingClientRect().top;
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-row]')) {
    const box = row.getBoundingClientRect();
    if (box.bottom > top + 1) return { kind: 'row', key: row.dataset['row'] ?? '', offsetPx: box.top - top };
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
