import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import type { Row } from '../timeline/rows.ts';
import { HistoryShapes } from '../conversation/history-shapes.tsx';
import { loadWithinPx, nearEndPx, placeIn, restorePlace, settle } from '../conversation/list-place.ts';
import type { ListProps } from '../conversation/list-props.ts';

/** Rows beyond what is in sight, so that quick scrolling finds something drawn. */
const overscan = 8;
/**
 * Draws only the rows that are in sight. It stands at its end as long as the reader does, keeps what is read in its place when
 * history comes in above it, and comes to any row, however high those before it turn out to be.
 */
export function VirtualMessageList(props: ListProps) {
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
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (at) => rows[at]?.key ?? at,
    estimateSize: (at) => estimateOf(rows[at]),
    overscan,
    anchorTo: 'end',
    // What comes in before the end is reached is no reason to go there.
    followOnAppend: place.current.kind === 'end' && !hasAfter,
    scrollEndThreshold: nearEndPx,
    useScrollendEvent: true,
  });
  /** Until that row is drawn, the list goes to where it should be. */
  const comeTo = (key: string, restore: (element: HTMLElement) => void): void => {
    const element = scroller.current;
    const at = rows.findIndex((row) => row.key === key);
    if (element === null || at < 0) return;
    settle(element, () => {
      if (element.querySelector(`[data-row="${CSS.escape(key)}"]`) !== null) restore(element);
      else virtualizer.scrollToIndex(at, { align: 'center' });
    });
  };
  useLayoutEffect(() => {
    const { current } = place;
    if (current.kind === 'end') virtualizer.scrollToEnd({ behavior: 'instant' });
    else comeTo(current.key, (element) => void restorePlace(element, current));
    // Only when the list is first shown: from then on it keeps its place by itself.
  }, []);
  useImperativeHandle(ref, () => ({
    toEnd: () => virtualizer.scrollToEnd({ behavior: 'instant' }),
    toRow: (key) => {
      if (!rows.some((row) => row.key === key)) return false;
      comeTo(key, (element) => {
        const row = element.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`);
        const offsetPx = Math.max(0, (element.clientHeight - (row?.offsetHeight ?? 0)) / 2);
        restorePlace(element, { kind: 'row', key, offsetPx });
      });
      return true;
    },
  }));
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
    place.current = placeIn(element, hasAfter);
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
      data-list="virtual"
    >
      <div className="line-in">
        {!hasBefore && beginning}
        {hasBefore && rows.length === 0 && <HistoryShapes />}
        <div className="virtual" style={{ blockSize: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                data-row={row.key}
                className="virtual-row"
                style={{ transform: `translateY(${start}px)` }}
              >
                {renderRow(row, index)}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Before a row is measured: near enough that the scroll bar does not jump. */
function estimateOf(row: Row | undefined): number {
  if (row === undefined || row.kind === 'new') return 40;
  if (row.kind === 'day') return 44;
  const body = row.kind === 'message' ? row.message.body : row.pending.body;
  const lines = Math.min(8, body.split('\n', 8).length + Math.floor(body.length / 75));
  return (row.isFirst ? 16 : 4) + lines * 24;
}
