import { useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import { HistoryShapes } from './history-shapes.tsx';
import { loadWithinPx, placeIn, restorePlace, settle, type Place } from './list-place.ts';
import type { ListProps } from './list-props.ts';

/**
 * Draws every row that has been loaded; the browser skips those that are out of sight (`content-visibility`). Find-in-page and
 * screen readers see all of them.
 */
export function PlainList(props: ListProps) {
  const {
    ref,
    label,
    rows,
    hasBefore,
    hasAfter,
    isBusy,
    place,
    onNearStart,
    onNearEnd,
    onAtEnd,
    renderRow,
    beginning,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);

  // The rows have changed: the reader stays with what was in sight, or at the end.
  useLayoutEffect(() => {
    if (scroller.current === null) return;
    if (place.current.kind === 'row' || !hasAfter) restorePlace(scroller.current, place.current);
  }, [rows, place, hasAfter]);
  useLayoutEffect(() => {
    const { current } = place;
    const element = scroller.current;
    if (element !== null && current.kind === 'row')
      settle(element, () => void restorePlace(element, current));
  }, [place]);
  // Pictures, a narrower window, another font: heights change without new rows.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const keepEnd = new ResizeObserver(() => {
      if (place.current.kind === 'end') element.scrollTop = element.scrollHeight;
    });
    keepEnd.observe(element);
    if (element.firstElementChild !== null) keepEnd.observe(element.firstElementChild);
    return () => keepEnd.disconnect();
  }, [place]);
  useImperativeHandle(ref, () => ({
    toEnd: () => {
      go(scroller.current, { kind: 'end' });
    },
    toRow: (key) => {
      const element = scroller.current;
      const row = element?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
      if (element === null || row === undefined || row === null) return false;
      const offsetPx = Math.max(0, (element.clientHeight - row.offsetHeight) / 2);
      return go(element, { kind: 'row', key, offsetPx });
    },
  }));
  const go = (element: HTMLElement | null, to: Place): boolean => {
    if (element === null) return false;
    place.current = to;
    return restorePlace(element, to);
  };
  const loadWhatIsNear = (): void => {
    const element = scroller.current;
    if (element === null || isBusy) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (hasBefore && element.scrollTop < loadWithinPx) onNearStart();
    else if (hasAfter && below < loadWithinPx) onNearEnd();
  };
  // Somebody who is at the very edge when a part has come scrolls no further: nothing else would ask for the next one.
  useEffect(loadWhatIsNear);
  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const isUpwards = element.scrollTop < lastTop.current;
    lastTop.current = element.scrollTop;
    // Heights that become known below are no reason to leave the end: only a reader who goes up is.
    if (place.current.kind === 'end' && !hasAfter && !isUpwards) element.scrollTop = element.scrollHeight;
    else place.current = placeIn(element, hasAfter);
    onAtEnd(place.current.kind === 'end');
    loadWhatIsNear();
  };
  return (
    <div
      className="line"
      ref={scroller}
      onScroll={onScroll}
      role="feed"
      aria-label={label}
      aria-busy={isBusy}
      tabIndex={-1}
      data-list="plain"
    >
      <div className="line-in">
        {hasBefore ? <HistoryShapes /> : beginning}
        {rows.map((row, at) => (
          <div key={row.key} data-row={row.key} className="plain-row">
            {renderRow(row, at)}
          </div>
        ))}
        {hasAfter && <HistoryShapes />}
      </div>
    </div>
  );
}
